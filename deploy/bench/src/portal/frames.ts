import type { Page } from 'playwright-core';

import { type Spread, spreadOf } from '../load/percentile.js';

/** How long frames took while something was done: from one to the next, as the page itself sees them. */
export interface Frames {
  readonly count: number;
  readonly gaps: Spread;
  /** Most that the page's own scripts kept one frame waiting, as the browser attributes it. */
  readonly longestBlockedMs: number;
}

/** Does something with the page, and watches its frames until it is over. */
export async function whileWatched<Answer>(page: Page, act: () => Promise<Answer>): Promise<[answer: Answer, frames: Frames]> {
  await page.evaluate(`(() => {
    const watched = { gaps: [], blocked: 0, isOver: false };
    let last = null;
    const look = (at) => {
      if (last !== null) watched.gaps.push(at - last);
      last = at;
      if (!watched.isOver) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    watched.observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) watched.blocked = Math.max(watched.blocked, entry.blockingDuration ?? 0);
    });
    watched.observer.observe({ type: 'long-animation-frame' });
    window.watchedFrames = watched;
  })()`);
  const answer = await act();
  const { gaps, blocked } = (await page.evaluate(`(() => {
    const { watchedFrames: watched } = window;
    watched.isOver = true;
    watched.observer.disconnect();
    return { gaps: watched.gaps, blocked: watched.blocked };
  })()`)) as { gaps: number[]; blocked: number };
  return [answer, { count: gaps.length, gaps: spreadOf(gaps) ?? { count: 0, p50: 0, p99: 0, max: 0 }, longestBlockedMs: blocked }];
}
