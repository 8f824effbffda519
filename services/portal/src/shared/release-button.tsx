import { Button } from '@fluentui/react-components';
import type { JobStatusView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { releaseRemovals } from '../api/release-removals.js';
import { texts } from '../texts/en.js';
import { Confirm } from './confirm.js';
import { useMay } from './use-may.js';
import { useOrder } from './use-order.js';

/** Releases the removals that wait for a person; says before how many and where. */
export function ReleaseButton({ job }: { job: JobStatusView }): ReactElement | null {
  const { give, isPending } = useOrder();
  const { heldRemovals, jobId, target } = job;
  const may = useMay('operate', jobId);
  if (heldRemovals === null || !may) return null;
  return (
    <Confirm
      title={texts.attention.releaseTitle(heldRemovals.proposed)}
      text={texts.attention.releaseText(heldRemovals.proposed, target)}
      action={texts.attention.release}
      onConfirm={() => give(() => releaseRemovals(jobId, heldRemovals.cycleId))}
    >
      <Button disabledFocusable={isPending}>{texts.attention.release}</Button>
    </Confirm>
  );
}
