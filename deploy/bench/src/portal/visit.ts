import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumFlags } from '@provident/testing';

import { BenchError } from '../bench-error.js';
import { type Spread, spreadOf } from '../load/percentile.js';
import { jobId } from '../reports/stock.js';
import { type Frames, whileWatched } from './frames.js';

const patienceMs = 60_000;
/** As often each page is loaded, in a window that knows nothing yet. */
const loads = 5;
/** Pages of entries that are scrolled through: several times as many as the log keeps in the browser. */
const pagesScrolled = 200;
const entriesOfPage = 100;

export interface PageLoaded {
  readonly name: string;
  /** The first thing on the screen. */
  readonly painted: Spread;
  /** What the page is for. */
  readonly complete: Spread;
}

export interface Filtered {
  readonly key: string;
  readonly title: string;
  readonly took: Spread;
  readonly frames: Frames;
}

export interface Visited {
  readonly pages: readonly PageLoaded[];
  readonly scrolled: Frames;
  /** Entries that were scrolled through, and how many of them were in the browser at the end. */
  readonly entries: number;
  readonly kept: number;
  /** What the page's scripts hold after that, once what is not needed is gone. */
  readonly heapMegabytes: number;
  readonly jumped: readonly Filtered[];
  readonly filtered: readonly Filtered[];
}

const pagesOf = (person: string): readonly (readonly [name: string, path: string, shows: string])[] => [
  ['overview', '/', 'role=region[name="HR to Wiki"]'],
  ['log', '/log', 'css=[role=row][data-index]'],
  ['log-failures', '/log?status=failure', 'css=[role=row][data-index]'],
  ['person', `/people?id=${person}`, 'role=heading[name="Timeline"]'],
  ['job', `/jobs/${jobId}`, 'role=heading[name="Facts"]'],
  ['job-failures', `/jobs/${jobId}?tab=failures`, 'role=table[name="Objects that are kept"]'],
  ['job-cycles', `/jobs/${jobId}?tab=cycles`, 'role=table'],
  ['job-mapping', `/jobs/${jobId}?tab=mapping`, 'role=table'],
  ['job-credentials', `/jobs/${jobId}?tab=credentials`, 'role=region[name="Target"]'],
  ['job-settings', `/jobs/${jobId}?tab=settings`, 'role=textbox'],
  ['plan', `/jobs/${jobId}/plan`, 'role=button[name="Simulate the job as it is"]'],
  ['audit', '/audit', 'role=table'],
  ['installation', '/settings', 'role=heading[name="Health"]'],
];

/** Opens every page, scrolls the log to its end and asks it for this and that. @throws BenchError for a page that does not show what it should */
export async function visitPortal(
  executablePath: string,
  { apiUrl, person, say }: { readonly apiUrl: string; readonly person: string; readonly say: (line: string) => void },
): Promise<Visited> {
  const browser = await chromium.launch({ executablePath, args: [...chromiumFlags] });
  try {
    const origin = `${apiUrl}/portal`;
    const pages: PageLoaded[] = [];
    for (const [name, path, shows] of pagesOf(person)) {
      say(`page ${name}`);
      pages.push(await loadPage(browser, name, origin + path, shows));
    }
    const page = await newPage(browser);
    say('scrolling');
    await page.goto(`${origin}/log`);
    await firstRow(page);
    const [[entries, kept], scrolled] = await whileWatched(page, () => scrollFar(page, pagesScrolled));
    const heapMegabytes = await heapOf(page);
    say('jumps');
    const jumped = await jumpAll(page, origin);
    say('filters');
    return { pages, scrolled, entries, kept, heapMegabytes, jumped, filtered: await filterAll(page, origin, person) };
  } finally {
    await browser.close();
  }
}

async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(patienceMs);
  return context.newPage();
}

const firstRow = (page: Page) => page.locator('[role=row][data-index="0"]').waitFor();

async function loadPage(browser: Browser, name: string, url: string, shows: string): Promise<PageLoaded> {
  const [painted, complete]: [number[], number[]] = [[], []];
  for (let time = 0; time < loads; time++) {
    const page = await newPage(browser);
    await page.goto(url);
    await page.locator(shows).first().waitFor();
    // As the page measures it: from the beginning of its loading.
    const [first, whole] = (await page.evaluate(
      `[performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null, performance.now()]`,
    )) as [number | null, number];
    if (first === null) throw new BenchError(`${url} has painted nothing`);
    painted.push(first);
    complete.push(whole);
    await page.context().close();
  }
  return { name, painted: spreadOf(painted)!, complete: spreadOf(complete)! };
}

/** By the wheel, as fast as entries come. @throws BenchError when they do not come @returns how many entries came by, and how many are kept */
async function scrollFar(page: Page, pages: number): Promise<[passed: number, kept: number]> {
  await page.getByRole('grid').hover();
  let loaded = 1;
  let lastAt = performance.now();
  page.on('response', (response) => {
    if (!response.url().includes('/provident/v1/log?')) return;
    loaded++;
    lastAt = performance.now();
  });
  while (loaded < pages && !(await isEnd(page))) {
    await page.mouse.wheel(0, 2_400);
    await page.evaluate('new Promise(requestAnimationFrame)');
    if (performance.now() - lastAt > patienceMs) throw new BenchError(`no more than ${loaded} pages were loaded by scrolling`);
  }
  const kept = Number(await page.getByRole('grid').getAttribute('aria-rowcount')) - 1;
  return [loaded * entriesOfPage, kept];
}

const isEnd = async (page: Page): Promise<boolean> => (await page.getByText(/older ones below/).count()) === 0;

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 1e6;
}

/** From the newest entries to others far away, and there in both directions: the time until the first row of the answer. */
async function jumpAll(page: Page, origin: string): Promise<Filtered[]> {
  const halfAYear = new Date(Date.now() - 182 * 86_400_000).toISOString().slice(0, 16);
  const jumps: [key: string, title: string, act: () => Promise<unknown>][] = [
    ['middle', 'Log at half a year ago', () => page.getByLabel('Go to').fill(halfAYear)],
    ['oldest', 'Log at its oldest entry', () => page.getByRole('button', { name: 'Oldest' }).click()],
  ];
  const jumped: Filtered[] = [];
  for (const [key, title, act] of jumps) {
    const took: number[] = [];
    let worst: Frames | null = null;
    for (let time = 0; time < loads; time++) {
      await page.goto(`${origin}/log`);
      await firstRow(page);
      const answered = page.waitForResponse((response) => response.url().includes('startAt='));
      const begin = performance.now();
      const [, frames] = await whileWatched(page, async () => {
        await act();
        await answered;
        await page.locator('[role=row][data-index]').first().waitFor();
        took.push(performance.now() - begin);
        await page.getByRole('grid').hover();
        for (const by of [-4_800, 9_600, -4_800]) {
          await page.mouse.wheel(0, by);
          await page.evaluate('new Promise(requestAnimationFrame)');
        }
      });
      if (worst === null || frames.gaps.max > worst.gaps.max) worst = frames;
    }
    jumped.push({ key, title, took: spreadOf(took)!, frames: worst! });
  }
  return jumped;
}

/** Each filter from the whole log on: from what is done to the first row of the answer, or the word that there is none. */
async function filterAll(page: Page, origin: string, person: string): Promise<Filtered[]> {
  const filters: [key: string, title: string, act: () => Promise<unknown>, fits: string][] = [
    ['failures', 'Log filtered by failures', () => page.getByLabel('Status', { exact: true }).selectOption('failure'), 'status=failure'],
    ['person', 'Log filtered by a person', () => page.getByRole('searchbox').fill(person), 'user='],
    ['job', 'Log filtered by a job', () => page.getByLabel('Job', { exact: true }).selectOption(jobId), 'job='],
    ['day', 'Log filtered by the last 7 days', () => page.getByLabel('Time', { exact: true }).selectOption('7d'), 'range='],
  ];
  const filtered: Filtered[] = [];
  for (const [key, title, act, fits] of filters) {
    const took: number[] = [];
    let worst: Frames | null = null;
    for (let time = 0; time < loads; time++) {
      await page.goto(`${origin}/log`);
      await firstRow(page);
      const answered = page.waitForResponse((response) => response.url().includes('/provident/v1/log?'));
      const begin = performance.now();
      const [, frames] = await whileWatched(page, async () => {
        await act();
        await page.waitForURL((url) => url.search.includes(fits));
        await answered;
        await page.locator('[role=row][data-index="0"], main [role=status]').first().waitFor();
        await page.evaluate('new Promise(requestAnimationFrame)');
      });
      took.push(performance.now() - begin);
      if (worst === null || frames.gaps.max > worst.gaps.max) worst = frames;
    }
    filtered.push({ key, title, took: spreadOf(took)!, frames: worst! });
  }
  return filtered;
}
