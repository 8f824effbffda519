import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactElement } from 'react';

const useStyles = makeStyles({
  chart: { display: 'block', width: '100%', overflow: 'visible' },
  done: { fill: tokens.colorBrandBackground },
  failed: { fill: tokens.colorStatusDangerBackground3 },
  held: { fill: tokens.colorStatusWarningBackground3 },
  base: { stroke: tokens.colorNeutralStroke1, strokeWidth: '1' },
});

export interface Bar {
  readonly key: string;
  /** Shown when it is pointed at. */
  readonly title: string;
  readonly done: number;
  readonly failed: number;
  readonly held: number;
  /** It failed as a whole: that is seen even where nothing was counted. */
  readonly isBroken: boolean;
}

const slot = 12;
const width = 9;
const atLeast = 30;

/** Bars from left to right: what was written, what is held, what failed. One without any of it is a bare spot on the line. */
export function Bars({ bars, height, label }: { bars: readonly Bar[]; height: number; label: string }): ReactElement {
  const styles = useStyles();
  const highest = Math.max(1, ...bars.map(({ done, failed, held }) => done + failed + held));
  const scaled = (count: number): number => (count === 0 ? 0 : Math.max(2, (count / highest) * (height - 2)));
  const whole = Math.max(bars.length, atLeast) * slot;
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
      {bars.map(({ key, title, done, failed, held, isBroken }, index) => {
        let top = height - 1;
        const bar = (count: number, className: string): ReactElement | null => {
          const tall = scaled(count);
          top -= tall;
          return tall === 0 ? null : <rect className={className} x={index * slot} y={top} width={width} height={tall} rx={1} />;
        };
        return (
          <g key={key}>
            <title>{title}</title>
            <rect x={index * slot} y={0} width={slot} height={height} fill="transparent" />
            {bar(done, styles.done)}
            {bar(held, styles.held)}
            {bar(failed + (isBroken && failed === 0 ? highest / 10 : 0), styles.failed)}
          </g>
        );
      })}
    </svg>
  );
}
