import { type ComponentType, lazy, type LazyExoticComponent } from 'react';

const everyMs = 2_000;
const reloadedKey = 'provident.reloaded';
const againMs = 60_000;

/** What the loading of a part asks of its surroundings. */
export interface Surroundings {
  /** Whether the server answers at all. */
  readonly answers: () => Promise<boolean>;
  /** Until it is worth another try. */
  readonly pause: () => Promise<void>;
  /** Loads the whole page anew; false when that was done just now and did not help. */
  readonly reload: () => boolean;
}

/**
 * Loads a part of the portal, as long as the server does not answer again and again. When it answers and the part does not come, another version
 * of the portal is served by now (or the browser remembers the failure): the page is loaded anew.
 * @throws what the load throws, when loading anew did not help
 */
export async function loaded<Part>(load: () => Promise<Part>, surroundings: Surroundings): Promise<Part> {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      if (!(await surroundings.answers())) await surroundings.pause();
      else {
        const part = await load().catch(() => null);
        if (part !== null) return part;
        if (!surroundings.reload()) throw error;
        return new Promise(() => undefined); // this page is about to be gone
      }
    }
  }
}

const inBrowser: Surroundings = {
  answers: () =>
    fetch(document.baseURI, { method: 'HEAD', cache: 'no-store' }).then(
      ({ ok }) => ok,
      () => false,
    ),
  pause: () => new Promise((resolve) => setTimeout(resolve, everyMs)),
  reload() {
    const before = Number(window.sessionStorage.getItem(reloadedKey) ?? 0);
    if (Date.now() - before < againMs) return false;
    window.sessionStorage.setItem(reloadedKey, String(Date.now()));
    window.location.reload();
    return true;
  },
};

/** A part of the portal that is loaded when it is shown for the first time; a server that is away meanwhile is waited for. */
export const lazily = <Props extends object>(load: () => Promise<ComponentType<Props>>): LazyExoticComponent<ComponentType<Props>> =>
  lazy(async () => ({ default: await loaded(load, inBrowser) }));
