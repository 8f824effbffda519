import type { CycleView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { type Bar, Bars } from '../../shared/bars.js';
import { formatInstant, formatNumber } from '../../shared/format.js';
import { texts } from '../../texts/en.js';

/** One bar for each cycle, oldest first. */
export const OutcomeChart = ({ cycles, height, label }: { cycles: readonly CycleView[]; height: number; label: string }): ReactElement => (
  <Bars bars={cycles.toReversed().map(barOf)} height={height} label={label} />
);

const barOf = (cycle: CycleView): Bar => ({
  key: cycle.cycleId,
  title: titleOf(cycle),
  done: cycle.tally.created + cycle.tally.updated + cycle.tally.disabled + cycle.tally.deleted,
  failed: cycle.tally.escrowed,
  held: cycle.tally.held,
  isBroken: cycle.state === 'failed',
});

const titleOf = ({ openedAt, state, tally }: CycleView): string =>
  [
    `${formatInstant(openedAt)}: ${texts.cycleState[state]}`,
    ...(['created', 'updated', 'disabled', 'deleted', 'held', 'escrowed'] as const)
      .filter((name) => tally[name] > 0)
      .map((name) => `${texts.tally[name]} ${formatNumber(tally[name])}`),
  ].join(', ');
