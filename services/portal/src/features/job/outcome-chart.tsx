import type { CycleView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { type Bar, Bars } from '../../shared/bars.js';
import { formatDuration, formatInstant, formatNumber, formatUtc } from '../../shared/format.js';
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

/** One bar for each cycle that has ended, as tall as it took long, oldest first. */
export const DurationChart = ({ cycles, height, label }: { cycles: readonly CycleView[]; height: number; label: string }): ReactElement => (
  <Bars
    bars={cycles.toReversed().flatMap(({ cycleId, openedAt, closedAt }) => {
      if (closedAt === null) return [];
      const tookMs = Date.parse(closedAt) - Date.parse(openedAt);
      const title = `${whenOf(openedAt)}: ${formatDuration(tookMs)}`;
      return [{ key: cycleId, title, done: tookMs, failed: 0, held: 0, isBroken: false }];
    })}
    height={height}
    label={label}
  />
);

const whenOf = (at: string): string => `${formatInstant(at)} (${formatUtc(at)})`;

const titleOf = ({ openedAt, state, tally }: CycleView): string =>
  [
    `${whenOf(openedAt)}: ${texts.cycleState[state]}`,
    ...(['created', 'updated', 'disabled', 'deleted', 'held', 'escrowed'] as const)
      .filter((name) => tally[name] > 0)
      .map((name) => `${texts.tally[name]} ${formatNumber(tally[name])}`),
  ].join(', ');
