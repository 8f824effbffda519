import { makeStyles, tokens } from '@fluentui/react-components';
import type { CycleView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { texts } from '../texts/en.js';
import { formatInstant, formatNumber } from './format.js';

const useStyles = makeStyles({
  chart: { display: 'block', width: '100%', overflow: 'visible' },
  done: { fill: tokens.colorBrandBackground },
  failed: { fill: tokens.colorStatusDangerBackground3 },
  held: { fill: tokens.colorStatusWarningBackground3 },
  base: { stroke: tokens.colorNeutralStroke1, strokeWidth: '1' },
});

const slot = 12;
const width = 9;

/** One bar for each cycle, oldest first: what was written, what failed, what is held. A cycle without work is a bare spot on the line. */
export function OutcomeChart({ cycles, height, label }: { cycles: readonly CycleView[]; height: number; label: string }): ReactElement {
  const styles = useStyles();
  const bars = cycles.toReversed().map((cycle) => ({ cycle, ...partsOf(cycle) }));
  const highest = Math.max(1, ...bars.map(({ done, failed, held }) => done + failed + held));
  const scaled = (count: number): number => (count === 0 ? 0 : Math.max(2, (count / highest) * (height - 2)));
  const whole = Math.max(bars.length, 30) * slot;
  return (
    <svg
      className={styles.chart}
      viewBox={`0 0 ${whole} ${height}`}
      height={height}
      preserveAspectRatio="xMinYMax meet"
      role="img"
      aria-label={label}
    >
      <line className={styles.base} x1={0} x2={whole} y1={height - 0.5} y2={height - 0.5} />
      {bars.map(({ cycle, done, failed, held }, index) => {
        let top = height - 1;
        const bar = (count: number, className: string): ReactElement | null => {
          const tall = scaled(count);
          top -= tall;
          return tall === 0 ? null : <rect className={className} x={index * slot} y={top} width={width} height={tall} rx={1} />;
        };
        return (
          <g key={cycle.cycleId}>
            <title>{titleOf(cycle)}</title>
            <rect x={index * slot} y={0} width={slot} height={height} fill="transparent" />
            {bar(done, styles.done)}
            {bar(held, styles.held)}
            {bar(failed + (cycle.state === 'failed' && failed === 0 ? highest / 10 : 0), styles.failed)}
          </g>
        );
      })}
    </svg>
  );
}

const partsOf = ({ tally }: CycleView): { done: number; failed: number; held: number } => ({
  done: tally.created + tally.updated + tally.disabled + tally.deleted,
  failed: tally.escrowed,
  held: tally.held,
});

const titleOf = ({ openedAt, state, tally }: CycleView): string =>
  [
    `${formatInstant(openedAt)}: ${texts.cycleState[state]}`,
    ...(['created', 'updated', 'disabled', 'deleted', 'held', 'escrowed'] as const)
      .filter((name) => tally[name] > 0)
      .map((name) => `${texts.tally[name]} ${formatNumber(tally[name])}`),
  ].join(', ');
