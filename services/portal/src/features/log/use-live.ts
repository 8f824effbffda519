import { useEffect, useRef, useState } from 'react';

import { followEvents } from '../../api/follow-events.js';

/** Events come in bursts; looking once for each burst is enough. */
const gatherMs = 500;
const againMs = 2_000;

/**
 * Calls back soon after something has happened, while it is on and the page is seen: a page in the background holds no connection.
 * @returns whether the connection is lost at the moment
 */
export function useLive(isOn: boolean, job: string | undefined, look: () => Promise<void>): boolean {
  const [isLost, setLost] = useState(false);
  const latest = useRef(look);
  latest.current = look;
  useEffect(() => {
    if (!isOn) return setLost(false);
    let ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    // One look at a time: the answer to an older one must not come after that to a newer one.
    let isLooking = false;
    const lookSoon = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        if (isLooking) return lookSoon();
        isLooking = true;
        latest
          .current()
          .then(
            () => setLost(false),
            () => setLost(true),
          )
          .finally(() => (isLooking = false));
      }, gatherMs);
    };
    const follow = async ({ signal }: AbortController): Promise<void> => {
      while (!signal.aborted) {
        lookSoon(); // what happened before the connection stood
        try {
          await followEvents(job, signal, lookSoon);
        } catch {
          if (!signal.aborted) setLost(true);
        }
        if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, againMs));
      }
    };
    const seen = (): void => {
      ending.abort();
      ending = new AbortController();
      if (document.visibilityState === 'visible') void follow(ending);
    };
    seen();
    document.addEventListener('visibilitychange', seen);
    return () => {
      document.removeEventListener('visibilitychange', seen);
      ending.abort();
      clearTimeout(timer);
    };
  }, [isOn, job]);
  return isLost;
}
