import { Button } from '@fluentui/react-components';
import { ArrowRepeatAllRegular } from '@fluentui/react-icons/svg/arrow-repeat-all';
import { PauseRegular } from '@fluentui/react-icons/svg/pause';
import { PlayRegular } from '@fluentui/react-icons/svg/play';
import { StopRegular } from '@fluentui/react-icons/svg/stop';
import type { JobStatusView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { pauseJob } from '../../api/pause-job.js';
import { runJob } from '../../api/run-job.js';
import { startJob } from '../../api/start-job.js';
import { stopJob } from '../../api/stop-job.js';
import { Confirm } from '../../shared/confirm.js';
import { useMay } from '../../shared/use-may.js';
import { useOrder } from '../../shared/use-order.js';
import { texts } from '../../texts/en.js';
import { ProvisionSomeone } from './provision-someone.js';
import { RestartDialog } from './restart-dialog.js';

const said = texts.order;

/** What may be ordered of a job; what changes more than it seems is explained before. */
export function JobActions({ job }: { job: JobStatusView }): ReactElement {
  const { jobId, state, running } = job;
  const mayConfigure = useMay('configure', jobId);
  const mayOperate = useMay('operate', jobId);
  const { give, isPending } = useOrder();
  const waits = state === 'paused' || state === 'stopped' || state === 'quarantine' || state === 'disabled';
  const isStopped = state === 'stopped';
  if (!mayOperate) return <></>;
  return (
    <>
      <Button
        icon={<PlayRegular />}
        appearance="primary"
        title={said.runHint}
        disabledFocusable={isPending || isStopped || running !== null}
        onClick={() => give(() => runJob(jobId))}
      >
        {said.run}
      </Button>
      {waits && (
        <Button title={said.startHint} disabledFocusable={isPending} onClick={() => give(() => startJob(jobId))}>
          {said.start}
        </Button>
      )}
      {state !== 'paused' && !isStopped && (
        <Confirm title={said.pauseTitle} text={said.pauseText} action={said.pause} onConfirm={() => give(() => pauseJob(jobId))}>
          <Button icon={<PauseRegular />} disabledFocusable={isPending}>
            {said.pause}
          </Button>
        </Confirm>
      )}
      {!isStopped && (
        <Confirm title={said.stopTitle} text={said.stopText} action={said.stop} onConfirm={() => give(() => stopJob(jobId))}>
          <Button icon={<StopRegular />} disabledFocusable={isPending}>
            {said.stop}
          </Button>
        </Confirm>
      )}
      <Confirm
        title={said.freshTitle}
        text={said.freshText}
        action={said.fresh}
        onConfirm={() => give(() => runJob(jobId, { fresh: true }))}
      >
        <Button icon={<ArrowRepeatAllRegular />} disabledFocusable={isPending || isStopped || running !== null}>
          {said.fresh}
        </Button>
      </Confirm>
      <ProvisionSomeone job={job} />
      {mayConfigure && <RestartDialog job={job} />}
    </>
  );
}
