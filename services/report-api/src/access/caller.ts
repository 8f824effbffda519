import { AsyncLocalStorage } from 'node:async_hooks';

import type { Initiator, MeView } from '@provident/contracts';
import type { Grant } from '@provident/domain';

/** Whoever sent a request, as far as they have proven who they are. */
export interface Caller {
  /** As the log names them. */
  readonly by: Initiator;
  readonly signedIn: MeView['signedIn'];
  readonly grants: readonly Grant[];
  /** When the sign-in ends; null: not by itself. */
  readonly expiresAt: Date | null;
  /** Whether the sign-in holds still: it may be revoked while a long answer is under way. */
  readonly stillHolds: () => Promise<boolean>;
}

const holds = (): Promise<boolean> => Promise.resolve(true);

/** Where nobody is asked who they are: whoever can reach the API is on this machine, or was let in by somebody who is. */
export const localCaller: Caller = {
  by: { kind: 'user', name: 'local' },
  signedIn: 'local',
  grants: [
    { role: 'administrator', jobs: null },
    { role: 'security-administrator', jobs: null },
  ],
  expiresAt: null,
  stillHolds: holds,
};

/** Who asks what everybody may ask, and sees no job. */
export const nobody: Caller = {
  by: { kind: 'user', name: 'nobody' },
  signedIn: 'local',
  grants: [],
  expiresAt: null,
  stillHolds: holds,
};

/** Bound to each request, so that no query and no order can be made without one. */
export const callers = new AsyncLocalStorage<Caller>();

/** @throws Error outside of a request: whoever is not known sees nothing */
export function currentCaller(): Caller {
  const caller = callers.getStore();
  if (!caller) throw new Error('this was asked outside of a request: for whom is not known');
  return caller;
}

/** Who orders what this request orders. */
export const orderedBy = (): Initiator => currentCaller().by;

/** Items that are made on behalf of the present caller, whoever draws them and when. */
export async function* onBehalf<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
  const inContext = AsyncLocalStorage.snapshot();
  const iterator = inContext(() => items[Symbol.asyncIterator]());
  try {
    for (;;) {
      const next = await inContext(() => iterator.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await inContext(() => iterator.return?.());
  }
}
