import { AsyncLocalStorage } from 'node:async_hooks';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';

/** What stands in for time and chance while the code of a simulated process runs. */
export interface VirtualTime {
  /** Milliseconds since the world began. */
  now(): number;
  /** @returns a function that takes it back */
  after(ms: number, run: () => void): () => void;
  /** Soon, in no certain order. */
  soon(run: () => void): () => void;
  random(): number;
}

const current = new AsyncLocalStorage<VirtualTime>();

/** Runs what belongs to a simulated process: it, and whatever it goes on to do, knows that process's time only. */
export const within = <Result>(time: VirtualTime, run: () => Result): Result => current.run(time, run);

/** Who runs now; nothing outside of the simulation. */
export const running = (): VirtualTime | undefined => current.getStore();

export const real = { setImmediate, setTimeout, now: performance.now.bind(performance) };

type Timer = { readonly cancel: () => void; unref(): Timer; ref(): Timer; hasRef(): boolean; [Symbol.toPrimitive](): number };

/** A handle as Node's timers have it. */
function timer(cancel: () => void): Timer {
  const handle: Timer = { cancel, unref: () => handle, ref: () => handle, hasRef: () => true, [Symbol.toPrimitive]: () => 0 };
  return handle;
}

const isTimer = (handle: unknown): handle is Timer => typeof (handle as Timer | undefined)?.cancel === 'function';

function every(time: VirtualTime, ms: number, run: () => void): Timer {
  let cancel: () => void;
  const again = (): void => {
    cancel = time.after(ms, again);
    run();
  };
  cancel = time.after(ms, again);
  return timer(() => cancel());
}

let isInstalled = false;

/**
 * Puts the simulation's clock and dice in the place of the process's own, for whoever runs within a simulated process; all others keep what they had.
 * The services' code stays as it is: it cannot tell. Before any of it runs; a second time changes nothing.
 */
export function installVirtualTime(): void {
  if (isInstalled) return;
  isInstalled = true;
  const originals = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate, random: Math.random };
  type Callback = (...args: unknown[]) => void;
  const set = (name: keyof typeof globalThis, value: unknown): void =>
    void Object.defineProperty(globalThis, name, { value, writable: true });

  set('setTimeout', (run: Callback, ms = 0, ...args: unknown[]) => {
    const time = running();
    return time ? timer(time.after(Math.max(1, ms), () => run(...args))) : originals.setTimeout(run, ms, ...args);
  });
  set('setInterval', (run: Callback, ms = 0, ...args: unknown[]) => {
    const time = running();
    return time ? every(time, Math.max(1, ms), () => run(...args)) : originals.setInterval(run, ms, ...args);
  });
  set('setImmediate', (run: Callback, ...args: unknown[]) => {
    const time = running();
    return time ? timer(time.soon(() => run(...args))) : originals.setImmediate(run, ...args);
  });
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate'] as const) {
    set(name, (handle: unknown) => (isTimer(handle) ? handle.cancel() : originals[name](handle as never)));
  }
  performance.now = () => running()?.now() ?? real.now();
  Math.random = () => running()?.random() ?? originals.random();

  const sleep = timersPromises.setTimeout;
  const randomUUID = crypto.randomUUID;
  timersPromises.setTimeout = ((ms?: number, value?: unknown, options?: { signal?: AbortSignal }) => {
    const time = running();
    return time ? sleepWithin(time, ms ?? 1, value, options?.signal) : sleep(ms, value, options);
  }) as typeof sleep;
  crypto.randomUUID = ((options) => {
    const time = running();
    return time ? uuidFrom(time) : randomUUID(options);
  }) as typeof randomUUID;
  syncBuiltinESMExports();
}

function sleepWithin<Value>(time: VirtualTime, ms: number, value: Value, signal: AbortSignal | undefined): Promise<Value> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const cancel = time.after(ms, () => resolve(value));
    signal?.addEventListener('abort', () => {
      cancel();
      reject(signal.reason as Error);
    });
  });
}

function uuidFrom(time: VirtualTime): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(time.random() * 16).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
