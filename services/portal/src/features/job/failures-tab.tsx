import { Button, makeStyles, Subtitle1, Text, tokens } from '@fluentui/react-components';
import type { JobStatusView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { causesQuery } from '../../api/list-causes.js';
import { retryFailed } from '../../api/retry-failed.js';
import { Confirm } from '../../shared/confirm.js';
import { useSearch } from '../../shared/location.js';
import { Empty, Loading, Problem } from '../../shared/states.js';
import { useOrder } from '../../shared/use-order.js';
import { failuresTexts } from '../../texts/en/failures.js';
import { CauseCard } from './cause-card.js';
import { KeptObjects } from './kept-objects.js';

const useStyles = makeStyles({
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  heading: { margin: 0, marginRight: 'auto' },
  list: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, listStyleType: 'none', margin: 0, padding: 0 },
});

const said = failuresTexts;

/** Why objects of a job fail, and which ones: first the causes with their remedies, then every kept object. */
export function FailuresTab({ job }: { job: JobStatusView }): ReactElement {
  const styles = useStyles();
  const { jobId } = job;
  const [{ cause: chosen }, change] = useSearch();
  const { give, isPending } = useOrder();
  const { data: causes, error, refetch } = useQuery(causesQuery(jobId));
  if (!causes) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />;
  if (causes.length === 0 && job.escrows + job.givenUp === 0) return <Empty title={said.none}>{said.noneHint}</Empty>;
  const kept = causes.reduce((sum, { people }) => sum + people, 0);
  return (
    <>
      <div className={styles.head}>
        <Subtitle1 as="h2" className={styles.heading}>
          {said.causes(causes.length, kept)}
        </Subtitle1>
        {causes.length > 1 && (
          <Confirm
            title={said.retryTitle(kept)}
            text={said.retryText(job.target)}
            action={said.retryNow}
            onConfirm={() => give(() => retryFailed(jobId, { all: true }))}
          >
            <Button disabledFocusable={isPending}>{said.retryAll}</Button>
          </Confirm>
        )}
      </div>
      <Text>{said.lead}</Text>
      <ul className={styles.list}>
        {causes.map((cause) => (
          <li key={cause.causeId}>
            <CauseCard
              cause={cause}
              job={job}
              isChosen={cause.causeId === chosen}
              choose={(isChosen) => change({ cause: isChosen ? cause.causeId : undefined })}
            />
          </li>
        ))}
      </ul>
      <KeptObjects key={chosen ?? ''} job={job} causes={causes} chosen={chosen} />
    </>
  );
}
