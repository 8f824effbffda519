import { portalPath } from '@provident/contracts/http';
import { useCallback, useMemo, useSyncExternalStore } from 'react';

const changed = 'provident-location';

/** Goes to a page of the portal: `/log?job=x`. */
export function goTo(to: string, { replace = false } = {}): void {
  const url = portalPath + to;
  if (url === window.location.pathname + window.location.search) return;
  window.history[replace ? 'replaceState' : 'pushState'](null, '', url);
  window.dispatchEvent(new Event(changed));
}

export const hrefOf = (to: string): string => portalPath + to;

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(changed, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(changed, listener);
  };
}

/** Path of the page within the portal, at this moment. */
export const path = (): string => window.location.pathname.slice(portalPath.length).replace(/\/+$/, '') || '/';
const search = (): string => window.location.search;

/** Path of the page within the portal, such as `/jobs/sample`. */
export const usePath = (): string => useSyncExternalStore(subscribe, path);

export type Search = Readonly<Record<string, string>>;

/** The page's parameters, and a way to change some of them: what is empty disappears from the address. Typing does not fill the history. */
export function useSearch(): [Search, (changes: Readonly<Record<string, string | undefined>>) => void] {
  const text = useSyncExternalStore(subscribe, search);
  const given = useMemo(() => Object.fromEntries(new URLSearchParams(text)), [text]);
  const change = useCallback((changes: Readonly<Record<string, string | undefined>>) => {
    const next = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === '') next.delete(name);
      else next.set(name, value);
    }
    const said = next.toString();
    goTo(path() + (said === '' ? '' : `?${said}`), { replace: true });
  }, []);
  return [given, change];
}

/** Parameters of a path by its pattern (`/jobs/:jobId`), or null when it is another page's. */
export function matchPath(pattern: string, of: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const parts = of.split('/');
  if (wanted.length !== parts.length) return null;
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = parts[index]!;
    if (part.startsWith(':')) found[part.slice(1)] = decoded(value);
    else if (part !== value) return null;
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray percent sign typed by hand
  }
}
