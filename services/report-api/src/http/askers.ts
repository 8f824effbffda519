import { AsyncLocalStorage } from 'node:async_hooks';

import type { FastifyInstance } from 'fastify';

/** Whoever asked does not wait for the answer any more. */
export class AskerGone extends Error {
  override readonly name = 'AskerGone';
  constructor() {
    super('whoever asked has hung up');
  }
}

const askers = new AsyncLocalStorage<AbortSignal>();

/** Aborted, with `AskerGone`, when nobody waits for the present answer any more; undefined outside of a request. */
export const currentAsker = (): AbortSignal | undefined => askers.getStore();

/** Watches, for each request, whether somebody waits for its answer still. */
export function watchAskers(fastify: FastifyInstance): void {
  fastify.addHook('preHandler', (_request, reply, done) => {
    const gone = new AbortController();
    const { raw } = reply;
    const leave = (): void => {
      if (!raw.writableFinished) gone.abort(new AskerGone());
    };
    if (raw.destroyed) leave();
    else raw.once('close', leave);
    askers.run(gone.signal, done);
  });
}
