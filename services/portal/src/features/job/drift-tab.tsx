import { Button, Field, makeStyles, Select, Text, tokens } from '@fluentui/react-components';
import type { CycleView, DriftView, JobStatusView } from '@provident/contracts/http';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { listDrift } from '../../api/list-drift.js';
import { cyclesQuery } from '../../api/list-cycles.js';
import { often } from '../../api/often.js';
import { runJob } from '../../api/run-job.js';
import { Confirm } from '../../shared/confirm.js';
import { DataTable } from '../../shared/data-table.js';
import { Value } from '../../shared/entry/changes-table.js';
import { DifferingMembers } from '../../shared/entry/differing-members.js';
import { formatInstant } from '../../shared/format.js';
import { useSearch } from '../../shared/location.js';
import { PersonLink } from '../../shared/person-link.js';
import { Empty, Loading, Problem } from '../../shared/states.js';
import { useMay } from '../../shared/use-may.js';
import { useOrder } from '../../shared/use-order.js';
import { driftTexts as said } from '../../texts/en/drift.js';
import { DriftSchedule } from './drift-schedule.js';

const useStyles = makeStyles({
  row: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  cycle: { maxWidth: '100%' },
  attribute: { display: 'block', overflowWrap: 'anywhere' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

const pageSize = 100;
const cyclesLookedAt = 100;

/** What was changed by hand in the target: looked for, told, changed back. */
export function DriftTab({ job }: { job: JobStatusView }): ReactElement {
  const styles = useStyles();
  const [search, change] = useSearch();
  const { jobId, running, state } = job;
  const cycle = search['cycle'];
  const { data: cycles } = useQuery(cyclesQuery(jobId, cyclesLookedAt));
  const looked = cycles?.cycles.filter(({ drift }) => drift) ?? [];
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage, isPlaceholderData } = useInfiniteQuery({
    queryKey: ['drift', jobId, cycle ?? ''],
    queryFn: ({ pageParam, signal }) => listDrift(jobId, { cycle, limit: pageSize, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: () => often(5_000, running !== null),
    placeholderData: keepPreviousData,
  });
  const shown = data?.pages[0]?.cycle;
  const found = data?.pages.flatMap((page) => page.found) ?? [];
  return (
    <>
      <Text>{said.lead}</Text>
      <DriftActions job={job} isHindered={state === 'stopped' || running !== null} />
      {running && <Text role="status">{said.isRunning}</Text>}
      {!data && (error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />)}
      {data && !shown && <Empty title={said.never} />}
      {shown && (
        <>
          <div className={styles.row}>
            <Field label={said.ofCycle}>
              <Select
                className={styles.cycle}
                value={cycle ?? shown.cycleId}
                onChange={(_, { value }) => change({ cycle: value === looked[0]?.cycleId ? undefined : value })}
              >
                {(looked.length > 0 ? looked : [shown]).map(({ cycleId, openedAt }) => (
                  <option key={cycleId} value={cycleId}>
                    {formatInstant(openedAt)}
                  </option>
                ))}
              </Select>
            </Field>
          </div>
          {!isPlaceholderData && <Text role="status">{summaryOf(shown)}</Text>}
          {isPlaceholderData ? (
            <Loading />
          ) : found.length === 0 ? (
            <Text>{said.clean}</Text>
          ) : (
            <DataTable
              label={said.found}
              columns={[said.object, said.state, said.values, said.repaired]}
              rows={found.map((each) => [`${each.objectKey} ${each.members ? 'members' : ''}`, ...cellsOf(each)])}
            />
          )}
        </>
      )}
      {hasNextPage && (
        <div>
          <Button disabledFocusable={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {said.more}
          </Button>
        </div>
      )}
      <DriftSchedule jobId={jobId} revision={job.revision} />
    </>
  );
}

const summaryOf = ({ drift }: CycleView): string =>
  drift ? said.summary(drift.differ, drift.checked, drift.vanished, drift.unasked, drift.groups) : '';

const cellsOf = (each: DriftView): ReactElement[] => [
  <PersonLink key="whom" id={each.sourceId} name={each.displayName} />,
  <span key="state">{each.members ? said.members : said.account[each.account]}</span>,
  <Differing key="values" found={each} />,
  <span key="repaired">{said.repair_[each.mode === 'report' ? 'report' : (each.repair ?? 'none')]}</span>,
];

function Differing({ found: { attributes, members, memberNames } }: { found: DriftView }): ReactElement {
  const styles = useStyles();
  return (
    <span>
      {attributes.map(({ attribute, expected, found }) => (
        <span key={attribute} className={styles.attribute}>
          <span className={styles.quiet}>{said.expected(attribute)}</span> <Value value={expected} />,{' '}
          <span className={styles.quiet}>{said.butFound}</span> <Value value={found} />
        </span>
      ))}
      {members && <DifferingMembers members={members} names={memberNames} />}
    </span>
  );
}

function DriftActions({ job, isHindered }: { job: JobStatusView; isHindered: boolean }): ReactElement | null {
  const styles = useStyles();
  const { give, isPending } = useOrder();
  if (!useMay('operate', job.jobId)) return null;
  const run = (drift: 'report' | 'repair') => give(() => runJob(job.jobId, { drift }));
  return (
    <div className={styles.row}>
      <Button appearance="primary" title={said.lookHint} disabledFocusable={isPending || isHindered} onClick={() => run('report')}>
        {said.look}
      </Button>
      <Confirm title={said.repairTitle} text={said.repairText(job.target)} action={said.repairNow} onConfirm={() => run('repair')}>
        <Button disabledFocusable={isPending || isHindered}>{said.repair}</Button>
      </Confirm>
    </div>
  );
}
