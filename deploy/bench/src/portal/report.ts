import { type Figure, lower } from '../report/figures.js';
import type { Mode } from '../report/keep.js';
import { sizeOf } from '../reports/fill.js';
import { type PortalOptions, readPortalOptions } from './options.js';
import { type PortalMeasured, runPortal } from './run-portal.js';

/** No frame may be longer, and no page may show nothing for longer. */
const frameMs = 200;
const paintMs = 1_500;

/** Figures by keys that stay the same, so that results can be compared. */
export function portalFigures({
  visited: { pages, scrolled, entries, kept, heapMegabytes, jumped, filtered },
}: PortalMeasured): Record<string, Figure> {
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
    'scroll.heap': lower(`  memory of the page's scripts, which keep ${kept} entries`, heapMegabytes, 'MB'),
    ...Object.fromEntries(
      [...jumped, ...filtered].flatMap(({ key, title, took, frames }) => [
        [`filter.${key}`, lower(`${title}, median`, took.p50, 'ms')],
        [`filter.${key}.frame.max`, lower('  longest frame', frames.gaps.max, 'ms', frameMs)],
        [`filter.${key}.blocked`, lower("  longest wait for the page's own scripts", frames.longestBlockedMs, 'ms', frameMs)],
      ]),
    ),
  };
}

export const portalMode: Mode<PortalOptions, PortalMeasured> = {
  name: 'portal',
  readOptions: readPortalOptions,
  run: runPortal,
  figures: portalFigures,
  describe: (_, { filled }) => sizeOf(filled),
  facts: (_, { filled: { entries, events } }) => ({ entries, events }),
  size: ({ entries }) => String(entries),
};
