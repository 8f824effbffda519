import { Badge } from '@fluentui/react-components';
import type { CycleView, JobStatusView, LogEntryView, LogStep } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { texts } from '../texts/en.js';

type Colour = 'success' | 'danger' | 'warning' | 'informative' | 'brand';

/** In words and colour, never in colour alone. */
const StatusBadge = ({ colour, children }: { colour: Colour; children: string }): ReactElement => (
  <Badge appearance="tint" color={colour} shape="rounded" size="large" style={{ whiteSpace: 'nowrap' }}>
    {children}
  </Badge>
);

type JobState = JobStatusView['state'] | 'running' | 'attention';

const ofJob: Record<JobState, Colour> = {
  attention: 'warning',
  running: 'brand',
  active: 'success',
  paused: 'informative',
  stopped: 'warning',
  quarantine: 'danger',
  disabled: 'danger',
  'not-run': 'informative',
};

/** A job that works may still have something that waits for a person. */
function stateOf({ state, running, escrows, heldRemovals, lastCycle }: JobStatusView): JobState {
  if (state === 'quarantine' || state === 'disabled') return state;
  if (running !== null) return 'running';
  return state === 'active' && (escrows > 0 || heldRemovals !== null || lastCycle?.state === 'failed') ? 'attention' : state;
}

export function JobBadge({ job }: { job: JobStatusView }): ReactElement {
  const state = stateOf(job);
  return <StatusBadge colour={ofJob[state]}>{texts.jobState[state]}</StatusBadge>;
}

const ofCycle: Record<CycleView['state'], Colour> = {
  running: 'brand',
  succeeded: 'success',
  'entry-level-errors': 'warning',
  failed: 'danger',
};

export const CycleBadge = ({ state }: { state: CycleView['state'] }): ReactElement => (
  <StatusBadge colour={ofCycle[state]}>{texts.cycleState[state]}</StatusBadge>
);

const ofEntry: Record<LogEntryView['status'], Colour> = {
  success: 'success',
  failure: 'danger',
  skipped: 'informative',
  warning: 'warning',
  'in-progress': 'brand',
};

/** How one step went: a step that warns is not a held removal. */
export const StepBadge = ({ status }: { status: LogStep['status'] }): ReactElement => (
  <StatusBadge colour={ofEntry[status]}>{texts.stepStatus[status]}</StatusBadge>
);

export const EntryBadge = ({ status }: { status: LogEntryView['status'] }): ReactElement => (
  <StatusBadge colour={ofEntry[status]}>{texts.entryStatus[status]}</StatusBadge>
);
