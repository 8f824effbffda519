import { makeStyles, Subtitle1, Text } from '@fluentui/react-components';
import type { NoticeView, QuarantineView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';

import { quarantinesQuery } from '../../api/list-quarantines.js';
import { DataTable } from '../../shared/data-table.js';
import { Instant } from '../../shared/instant.js';
import { Problem } from '../../shared/states.js';
import { texts } from '../../texts/en.js';
import { quarantinesTexts } from '../../texts/en/quarantines.js';

const useStyles = makeStyles({ heading: { margin: 0 } });

const said = quarantinesTexts;

/** When the job was in quarantine, why, how that ended, and what became of telling people. Nothing for a job that never was. */
export function QuarantineHistory({ jobId }: { jobId: string }): ReactElement | null {
  const styles = useStyles();
  const { data, error, refetch } = useQuery(quarantinesQuery(jobId));
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : null;
  if (data.quarantines.length === 0) return null;
  return (
    <>
      <Subtitle1 as="h2" className={styles.heading}>
        {said.title}
      </Subtitle1>
      <DataTable
        label={said.title}
        columns={[said.from, said.until, said.reason, said.found, said.endedBy]}
        rows={data.quarantines.map((each) => [
          each.enteredAt + each.reason,
          <Instant key="from" at={each.enteredAt} />,
          untilOf(each),
          <span key="reason">
            <strong>{texts.attention.quarantineReason[each.reason] ?? each.reason}</strong>: {each.message}
          </span>,
          said.times(each.times),
          each.leftAt === null ? '' : (each.leftBy?.name ?? said.otherReason),
        ])}
      />
      <Subtitle1 as="h2" className={styles.heading}>
        {said.told}
      </Subtitle1>
      {data.notices.length === 0 ? (
        <Text>{said.nobodyTold}</Text>
      ) : (
        <DataTable
          label={said.told}
          columns={[said.at, said.notice, said.channel, said.outcome]}
          rows={data.notices.map((notice) => [
            `${notice.noticeId} ${notice.channel}`,
            <Instant key="at" at={notice.at} />,
            said.kinds[notice.kind],
            said.channels[notice.channel],
            <Outcome key="outcome" notice={notice} />,
          ])}
        />
      )}
    </>
  );
}

function untilOf({ leftAt, disabledAt }: QuarantineView): ReactNode {
  if (leftAt !== null) return <Instant at={leftAt} />;
  if (disabledAt === null) return said.lasts;
  return (
    <>
      {said.disabled} <Instant at={disabledAt} />
    </>
  );
}

function Outcome({ notice: { state, attempts, message, nextAttemptAt } }: { notice: NoticeView }): ReactElement {
  return (
    <>
      <strong>{said.states[state]}</strong> {said.attempts(attempts)}
      {message !== null && `: ${message}`}
      {nextAttemptAt !== null && (
        <>
          {' '}
          ({said.nextAttempt} <Instant at={nextAttemptAt} />)
        </>
      )}
    </>
  );
}
