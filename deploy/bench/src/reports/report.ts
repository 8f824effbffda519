import { type Figure, higher, lower } from '../report/figures.js';
import type { Mode } from '../report/keep.js';
import { type ReportsOptions, readReportsOptions } from './options.js';
import type { Asked } from './questions.js';
import { type ReportsMeasured, runReports } from './run-reports.js';

/** Figures by keys that stay the same, so that results can be compared. */
export function reportFigures(measured: ReportsMeasured): Record<string, Figure> {
  const { stock, alone, paged, exported, meanwhile, projectedMeanwhile } = measured;
  return {
    'stock.rate': higher('Projection into empty read models', stock.events / stock.seconds, 'events/s', 20_000),
    ...Object.fromEntries(alone.flatMap((asked) => spread(asked, '', asked.key))),
    'paging.first': lower('A page of everything, at the beginning, p50', paged.first.p50, 'ms'),
    'paging.last': lower(`  ${paged.pages} pages behind, p50`, paged.last.p50, 'ms'),
    'export.csv': higher('Export as CSV', exported.csv.entries / exported.csv.seconds, 'entries/s', 50_000),
    'export.jsonl': higher('Export as JSON lines, with all steps', exported.jsonl.entries / exported.jsonl.seconds, 'entries/s'),
    'meanwhile.rate': higher(
      'Projection while questions are asked',
      projectedMeanwhile.events / projectedMeanwhile.seconds,
      'events/s',
      20_000,
    ),
    ...Object.fromEntries(meanwhile.flatMap((asked) => spread(asked, ', meanwhile', `meanwhile.${asked.key}`))),
  };
}

const spread = ({ title, goalMs, took }: Asked, when: string, key: string): [string, Figure][] => [
  [`${key}.p50`, lower(`${title}${when}, p50`, took.p50, 'ms')],
  [`${key}.p99`, lower('  p99', took.p99, 'ms', goalMs)],
];

export const reportsMode: Mode<ReportsOptions, ReportsMeasured> = {
  name: 'reports',
  readOptions: readReportsOptions,
  run: runReports,
  figures: reportFigures,
  describe: (_, { entries, events, gigabytes, fillSeconds, indexSeconds }) => {
    const size = `${entries.toLocaleString('en-US')} entries, ${events.toLocaleString('en-US')} events, ${gigabytes.toFixed(1)} GB`;
    return `${size}; filled in ${fillSeconds.toFixed(0)} s, indexes made in ${indexSeconds.toFixed(0)} s`;
  },
  facts: (_, { entries, events }) => ({ entries, events }),
  size: ({ entries }) => String(entries),
};
