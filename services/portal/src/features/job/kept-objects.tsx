import { Badge, Button, makeStyles, Subtitle1, Text } from '@fluentui/react-components';
import type { CauseView, EscrowView, JobStatusView } from '@provident/contracts/http';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { listEscrows } from '../../api/list-escrows.js';
import { often } from '../../api/often.js';
import { retryFailed } from '../../api/retry-failed.js';
import { Confirm } from '../../shared/confirm.js';
import { DataTable } from '../../shared/data-table.js';
import { formatNumber } from '../../shared/format.js';
import { Instant, Relative } from '../../shared/instant.js';
import { PersonLink } from '../../shared/person-link.js';
import { Loading, Problem } from '../../shared/states.js';
import { useNow } from '../../shared/use-now.js';
import { useOrder } from '../../shared/use-order.js';
import { failuresTexts } from '../../texts/en/failures.js';

const useStyles = makeStyles({
  heading: { margin: 0 },
});

const pageSize = 100;
const colours = { waiting: 'informative', trying: 'brand', 'given-up': 'danger' } as const;
const said = failuresTexts;

interface KeptObjectsProps {
  readonly job: JobStatusView;
  readonly causes: readonly CauseView[];
  /** Cause whose objects alone are shown. */
  readonly chosen: string | undefined;
}

/** Every object that failed and is kept: why, whether and when it is tried again. */
export function KeptObjects({ job, causes, chosen }: KeptObjectsProps): ReactElement {
  const styles = useStyles();
  const now = useNow();
  const { jobId } = job;
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['escrows', jobId, chosen],
    queryFn: ({ pageParam, signal }) => listEscrows(jobId, { cause: chosen, limit: pageSize, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: () => often(5_000),
  });
  const escrows = data?.pages.flatMap((page) => page.escrows);
  const words = new Map(causes.map(({ causeId, text }) => [causeId, text]));
  return (
    <>
      <Subtitle1 as="h2" className={styles.heading}>
        {said.kept}
      </Subtitle1>
      {!escrows && (error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />)}
      {escrows?.length === 0 && <Text role="status">{said.keptNone}</Text>}
      {escrows && escrows.length > 0 && (
        <DataTable
          label={said.kept}
          columns={[said.object, said.state, said.next, said.retries, said.cause, said.failedSince, said.again]}
          rows={escrows.map((escrow) => [
            escrow.objectKey,
            <PersonLink key="object" id={escrow.sourceId ?? escrow.objectKey} name={escrow.displayName} />,
            <Badge key="state" appearance="tint" shape="rounded" size="large" color={colours[escrow.state]}>
              {said.states[escrow.state]}
            </Badge>,
            escrow.nextAttemptAt === null ? said.noNext[escrow.state] : <Relative key="next" at={escrow.nextAttemptAt} now={now} />,
            formatNumber(escrow.retries),
            (escrow.causeId === null ? undefined : words.get(escrow.causeId)) ?? escrow.failure.message,
            <Instant key="since" at={escrow.firstFailedAt} />,
            <RetryOne key="retry" escrow={escrow} target={job.target} />,
          ])}
        />
      )}
      {hasNextPage && (
        <div>
          <Button disabledFocusable={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {said.more}
          </Button>
        </div>
      )}
    </>
  );
}

const nameOfKept = ({ displayName, sourceId, objectKey }: EscrowView): string => displayName ?? sourceId ?? objectKey;

function RetryOne({ escrow, target }: { escrow: EscrowView; target: string }): ReactElement {
  const { give, isPending } = useOrder();
  const { jobId, objectKey, state } = escrow;
  return (
    <Confirm
      title={said.retryOneTitle(nameOfKept(escrow))}
      text={said.retryText(target)}
      action={said.retryNow}
      onConfirm={() => give(() => retryFailed(jobId, { user: objectKey }))}
    >
      <Button size="small" disabledFocusable={isPending || state === 'trying'} aria-label={said.retryOne(nameOfKept(escrow))}>
        {said.retry}
      </Button>
    </Confirm>
  );
}
