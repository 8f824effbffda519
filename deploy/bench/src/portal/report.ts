import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { resultsFolder } from '../places.js';
import { type Figure, lower } from '../report/figures.js';
import { commitHere } from '../report/machine.js';
import { figuresTable, machineLine } from '../report/print-report.js';
import type { PortalMeasured } from './run-portal.js';

/** No frame may be longer, and no page may show nothing for longer. */
const frameMs = 200;
const paintMs = 1_500;

/** Figures by keys that stay the same, so that results can be compared. */
export function portalFigures({ visited: { pages, scrolled, entries, filtered } }: PortalMeasured): Record<string, Figure> {
  return {
    ...Object.fromEntries(
      pages.flatMap(({ name, painted, complete }) => [
        [`${name}.painted`, lower(`Page ${name}, first paint, slowest of ${painted.count}`, painted.max, 'ms', paintMs)],
        [`${name}.complete`, lower('  complete, median', complete.p50, 'ms')],
      ]),
    ),
    'scroll.frame.max': lower(
      `Scrolling through ${entries} entries, longest of ${scrolled.count} frames`,
      scrolled.gaps.max,
      'ms',
      frameMs,
    ),
    'scroll.frame.p99': lower('  p99', scrolled.gaps.p99, 'ms'),
    'scroll.blocked': lower("  longest wait for the page's own scripts", scrolled.longestBlockedMs, 'ms', frameMs),
    ...Object.fromEntries(
      filtered.flatMap(({ key, title, took, frames }) => [
        [`filter.${key}`, lower(`${title}, median`, took.p50, 'ms')],
        [`filter.${key}.frame.max`, lower('  longest frame', frames.gaps.max, 'ms', frameMs)],
        [`filter.${key}.blocked`, lower("  longest wait for the page's own scripts", frames.longestBlockedMs, 'ms', frameMs)],
      ]),
    ),
  };
}

export function printPortal(measured: PortalMeasured): string {
  const { machine, filled } = measured;
  const { entries, events, gigabytes, fillSeconds, indexSeconds } = filled;
  const size = `${entries.toLocaleString('en-US')} entries, ${events.toLocaleString('en-US')} events, ${gigabytes.toFixed(1)} GB`;
  return [
    machineLine(machine, commitHere()),
    `${size}; filled in ${fillSeconds.toFixed(0)} s, indexes made in ${indexSeconds.toFixed(0)} s\n`,
    figuresTable(portalFigures(measured)),
  ].join('\n');
}

export async function savePortal(measured: PortalMeasured): Promise<string> {
  const folder = join(resultsFolder, 'portal');
  const at = new Date().toISOString();
  const { machine, filled } = measured;
  const file = join(folder, `${at.slice(0, 10)}-${commitHere()}-${filled.entries}.json`);
  await mkdir(folder, { recursive: true });
  const { entries, events } = filled;
  await writeFile(
    file,
    `${JSON.stringify({ at, commit: commitHere(), entries, events, machine, figures: portalFigures(measured) }, null, 1)}\n`,
  );
  return file;
}
