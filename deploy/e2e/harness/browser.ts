import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { describe } from '@jest/globals';
import { chromiumFlags, findChromium, tempFolder } from '@provident/testing';
import { type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';

const remedy = 'install Chromium (Debian: apt-get install chromium), or name one in PROVIDENT_CHROMIUM';

/**
 * What is tested in a browser. Where there is none, that is said in a line and counted as skipped.
 * @param specs told where the browser is
 * @throws Error where there has to be one (`PROVIDENT_REQUIRE_BROWSER`), and is none
 */
export function inBrowser(name: string, specs: (executablePath: string) => void): void {
  const browser = findChromium();
  if (browser !== null) return describe(name, () => specs(browser));
  if (process.env['PROVIDENT_REQUIRE_BROWSER']) throw new Error(`no browser was found, and this run must have one: ${remedy}`);
  process.stderr.write(`\nNo browser was found: not tested is "${name}". To test it, ${remedy}.\n\n`);
  describe.skip(name, () => specs(''));
}

export interface Browsing {
  readonly page: Page;
  /** What the pages complained about, and requests to anybody else than the server. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** A browser with a profile of its own. @param origins the only servers that it should ever ask */
export async function openBrowser(executablePath: string, ...origins: string[]): Promise<Browsing> {
  const profile = await tempFolder('chromium');
  const context: BrowserContext = await chromium.launchPersistentContext(profile.path, {
    executablePath,
    args: [...chromiumFlags],
    viewport: { width: 1280, height: 900 },
    acceptDownloads: true,
  });
  context.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('pageerror', ({ message }) => complaints.push(`error: ${message}`));
  page.on('console', (message) => {
    // A failed request is told of by the browser itself; what follows from it is the page's matter.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !origins.some((origin) => request.url().startsWith(origin)))
      complaints.push(`asked elsewhere: ${request.url()}`);
  });
  return {
    page,
    complaints,
    async close() {
      await context.close();
      await profile.remove();
    },
  };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Empty guards of the component library that hand the focus on as soon as they get it: nobody is ever left on one, which a look at the markup cannot tell. */
const focusGuard = '[data-tabster-dummy]';

/** Serious and critical findings of axe-core on the page as it is, each in a line. */
export async function accessibilityFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(axe);
  const { violations } = (await page.evaluate(`axe.run({ exclude: [['${focusGuard}']] }, { resultTypes: ['violations'] })`)) as {
    violations: Violation[];
  };
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, nodes }) => `${impact}: ${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

/** Once the page has followed the wish for light or dark: only then do its colours begin to change. */
export async function followed(page: Page, colorScheme: string): Promise<void> {
  await page.evaluate(`(async () => {
    while (document.documentElement.style.colorScheme !== '${colorScheme}') await new Promise(requestAnimationFrame);
  })()`);
}

/** Once nothing moves any more: transitions are over, and what was drawn last is on the screen. */
export async function comeToRest(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    await new Promise(requestAnimationFrame); // what has just changed begins to move
    const ending = document.getAnimations().filter((each) => each.effect?.getTiming().iterations !== Infinity);
    await Promise.all(ending.map((each) => each.finished.catch(() => null)));
    await new Promise(requestAnimationFrame);
  })()`);
}

const sessions = new WeakMap<Page, Promise<CDPSession>>();

/** What is on the screen, as PNG: asked of the browser itself, which is done in half the time when the file may be larger. */
export async function pictureOf(page: Page): Promise<Buffer> {
  const session = sessions.get(page) ?? page.context().newCDPSession(page);
  sessions.set(page, session);
  const { data } = await (await session).send('Page.captureScreenshot', { format: 'png', optimizeForSpeed: true });
  return Buffer.from(data, 'base64');
}

/** What a screen reader would call the control that has the focus, as far as the tests need to know. */
export async function focusedName(page: Page): Promise<string> {
  const name = await page.evaluate(`(() => {
    const at = document.activeElement;
    return at?.getAttribute('aria-label') ?? at?.labels?.[0]?.innerText ?? at?.innerText ?? '';
  })()`);
  return String(name).replace(/\*$/, '').trim();
}
