import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@jest/globals';
import { eventuallyHolds } from '@provident/testing';
import type { Locator, Page } from 'playwright-core';

import { accessibilityFindings, comeToRest, focusedName, followed, pictureOf } from './browser.js';

const screenshots = join(process.cwd(), '.screenshots', 'portal');
/**
 * Every page in every form: each differs from the one before by one thing, so that the page is laid out anew once. Names and contrast are examined in
 * the first and the third, which have both colour schemes and both widths between them: colours do not depend on the width, nor names on the colours.
 */
const forms = [
  { colorScheme: 'light', width: 1280, isExamined: true },
  { colorScheme: 'dark', width: 1280, isExamined: false },
  { colorScheme: 'dark', width: 360, isExamined: true },
  { colorScheme: 'light', width: 360, isExamined: false },
] as const;
const height = 900;
/** As long as the browser itself is waited for. */
const patienceMs = 60_000;

const goTo = `async (to) => {
  history.pushState(null, '', to);
  dispatchEvent(new PopStateEvent('popstate'));
  await new Promise((resolve) => setTimeout(resolve));
}`;

/** Somebody who uses the portal: what they look for, and what they do. */
export class PortalVisit {
  private motion: 'reduce' | 'no-preference' = 'no-preference';

  constructor(
    readonly page: Page,
    readonly origin: string,
  ) {}

  /** Who wants none sees dialogs and menus at once, and is not kept waiting until these stand still. */
  async wantMotion(isWanted: boolean): Promise<void> {
    this.motion = isWanted ? 'no-preference' : 'reduce';
    await this.page.emulateMedia({ reducedMotion: this.motion });
  }

  /** Does something; when it fails, the error tells where it was and what a screen reader found there. */
  async telling(doing: () => Promise<void>): Promise<void> {
    try {
      await doing();
    } catch (error) {
      const page = await this.page
        .locator('body')
        .ariaSnapshot({ timeout: 5_000 })
        .catch((reason: unknown) => String(reason));
      throw new Error(`at ${this.page.url()}:\n${page}`, { cause: error });
    }
  }

  /** Loads a page as its address does that is typed or was given by somebody. */
  open(path: string): Promise<unknown> {
    return this.page.goto(`${this.origin}/portal${path}`);
  }

  /** Goes to a page as a link does, which does not load the portal anew. Whatever is open on the page before is closed. */
  async go(path: string): Promise<void> {
    const { page, origin } = this;
    if (!page.url().startsWith(`${origin}/portal`)) await this.open(path);
    else await page.evaluate(`(${goTo})(${JSON.stringify(`/portal/-/`)}).then(() => (${goTo})(${JSON.stringify(`/portal${path}`)}))`);
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { level: 1, name });
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name });
  }

  row(name: string | RegExp): Locator {
    return this.page.getByRole('row', { name });
  }

  seen(text: string | RegExp): Promise<void> {
    return this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  /** Moves by the Tab key until something of that name has the focus: once it is there, within one round through the page. */
  async tabTo(name: string): Promise<void> {
    const passed: string[] = [];
    for (const deadline = Date.now() + patienceMs; Date.now() < deadline; ) {
      const focused = await focusedName(this.page);
      if (focused === name) return;
      passed.push(focused);
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`"${name}" is not reached by the Tab key, only ${[...new Set(passed)].map((each) => `"${each}"`).join(', ')}`);
  }

  async press(name: string): Promise<void> {
    await this.tabTo(name);
    await this.page.keyboard.press('Enter');
  }

  /** Closes what is open by the Escape key, once the focus is in it: before that nothing there hears the key. */
  async escape(): Promise<void> {
    const dialog = this.page.getByRole('dialog');
    await patiently(async () => expect(await this.page.evaluate(`document.activeElement.closest('[role=dialog]') !== null`)).toBe(true));
    await this.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  }

  /** Keeps a picture of the page in every form; nothing serious may be found against it, and nothing may stick out. */
  async shoot(name: string): Promise<void> {
    const { page } = this;
    mkdirSync(screenshots, { recursive: true });
    for (const { colorScheme, width, isExamined } of forms) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      await followed(page, colorScheme);
      await patiently(async () => expect(await page.getByRole('progressbar', { name: 'Loading…' }).count()).toBe(0));
      await comeToRest(page);
      writeFileSync(join(screenshots, `${name}-${colorScheme}-${width}.png`), await pictureOf(page));
      const form = `${name}, ${colorScheme}, ${width}`;
      if (isExamined) expect([form, ...(await accessibilityFindings(page))]).toEqual([form]);
      expect([form, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([form, width]);
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: this.motion });
    await page.setViewportSize({ width: 1280, height });
  }
}

/** As long as the browser itself is waited for. */
export const patiently = (expectations: () => Promise<void>): Promise<void> =>
  eventuallyHolds(expectations, { timeoutMs: patienceMs, intervalMs: 100 });
