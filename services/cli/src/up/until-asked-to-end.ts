/** `disconnect`: whoever started this process has ended. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const;

/** Turns Ctrl-C and its like into an abort, once. Later ones are heard and ignored: the way down is taken to its end. */
export function listenForEnd(): { readonly signal: AbortSignal; readonly ended: Promise<void>; release(): void } {
  const controller = new AbortController();
  const ended = new Promise<void>((resolve) => controller.signal.addEventListener('abort', () => resolve()));
  const hear = (): void => controller.abort(new Stopped());
  for (const name of signals) process.on(name, hear);
  return {
    signal: controller.signal,
    ended,
    release: () => {
      for (const name of signals) process.off(name, hear);
    },
  };
}

/** Somebody asked for the end. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}
