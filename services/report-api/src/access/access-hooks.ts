import { ActionTaken, type Needed } from '@provident/contracts';
import { hasAnywhere, hasFor, type Permission } from '@provident/domain';
import type { SimulationStore } from '@provident/bus';
import { NotFound } from '@provident/report';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { TooManyRequests } from '../http/turns.js';
import type { AccessControl } from './access-control.js';
import type { AccessLog } from './access-log.js';
import { type Caller, callers, nobody } from './caller.js';
import type { Denial, Denials } from './denials.js';
import { type KnownRoute, neededOf } from './needed-of.js';
import type { RateLimit } from './rate-limit.js';
import { NotAllowed, NotSignedIn } from './refusals.js';
import { asksToReveal, mayReveal } from './reveal.js';

export interface AccessHooks {
  readonly control: Pick<AccessControl, 'identify'>;
  readonly log: Pick<AccessLog, 'record'>;
  readonly denials: Pick<Denials, 'note'>;
  readonly simulations: Pick<SimulationStore, 'find'>;
  /** Of each caller. */
  readonly requests: RateLimit;
  /** Of each address: attempts to sign in that fail. */
  readonly failures: RateLimit;
}

const callerOf = new WeakMap<FastifyRequest, Caller>();
/** undefined for whoever was not let in. */
export const callerOfRequest = (request: FastifyRequest): Caller | undefined => callerOf.get(request);

/**
 * Lets nobody pass who may not: before a body is read, it is known who asks and that they may do such a thing at all; before anything is done, that
 * they may do it to this job. A path without an entry in the table of permissions keeps the service from starting.
 */
export function addAccessHooks(fastify: FastifyInstance, hooks: AccessHooks): void {
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) {
      if (each === 'OPTIONS' || neededOf(each, url)) continue;
      throw new Error(`nobody has said who may use ${each} ${url}: give it a permission in libs/contracts/src/http/permissions.ts`);
    }
  });
  fastify.addHook('onRequest', async (request) => {
    const route = routeOf(request);
    if (route) callerOf.set(request, await admitted(request, route, hooks));
  });
  // Whoever may not see them gets the answer without them, and has tried nevertheless.
  fastify.addHook('onRequest', (request, _reply, done) => {
    const [route, caller] = [routeOf(request), callerOf.get(request)];
    if (route && caller && caller !== nobody && asksToReveal(request) && !mayReveal(caller)) {
      const message = `sensitive values were asked for: ${new NotAllowed('secure', null, true).message}`;
      hooks.denials.note({ ...denialOf(request, route, caller), kind: 'not-allowed', message });
    }
    done();
  });
  fastify.addHook('preHandler', async (request) => {
    const [route, caller] = [routeOf(request), callerOf.get(request)];
    if (route && caller) await denying(request, route, caller, hooks, () => checkBody(request, route, caller, hooks));
  });
  fastify.addHook('preHandler', (request, _reply, done) => {
    const caller = callerOf.get(request);
    if (caller) callers.run(caller, done);
    else done();
  });
  fastify.addHook('onSend', async (request, reply) => {
    const [route, caller] = [routeOf(request), callerOf.get(request)];
    if (!route?.needed.isRecorded || !caller || reply.statusCode >= 400) return;
    const { name, summary, needed } = route;
    await hooks.log.record(ActionTaken, { route: name, summary, about: await jobOf(request, needed, hooks), by: caller.by });
  });
}

/** undefined where there is no such path: that it is not there is no secret. */
const routeOf = ({ method, routeOptions }: FastifyRequest): KnownRoute | undefined =>
  routeOptions.url === undefined ? undefined : neededOf(method, routeOptions.url);

async function admitted(request: FastifyRequest, route: KnownRoute, hooks: AccessHooks): Promise<Caller> {
  const { permission, job } = route.needed;
  if (permission === 'nobody') return nobody;
  const caller = await identified(request, route, hooks);
  await denying(request, route, caller, hooks, () => {
    const wait = caller.signedIn === 'local' ? 0 : hooks.requests.take(`${caller.by.kind} ${caller.by.name}`);
    if (wait > 0) throw new TooManyRequests('too many requests: ask again in a moment', wait);
    if (permission === 'anybody') return;
    if (job === 'installation' ? !hasFor(caller.grants, permission, null) : !hasAnywhere(caller.grants, permission))
      throw new NotAllowed(permission, null, job === 'installation');
    if (job === 'path') assertFor(caller, permission, (request.params as { jobId: string }).jobId);
  });
  return caller;
}

async function identified(request: FastifyRequest, route: KnownRoute, { control, denials, failures }: AccessHooks): Promise<Caller> {
  try {
    return await control.identify(request.headers.authorization);
  } catch (error) {
    if (!(error instanceof NotSignedIn)) throw error;
    denials.note({ ...denialOf(request, route, nobody), kind: 'not-signed-in', message: error.message });
    // Who shows nothing costs nothing, and may only not know that there is something to show.
    const wait = error.hadCredentials ? failures.take(request.ip) : 0;
    if (wait > 0) throw new TooManyRequests('too many attempts to sign in have failed from here: try again in a moment', wait);
    throw error;
  }
}

/** Who may not even see a job is told what would be told if it were not there. */
function assertFor({ grants }: Caller, permission: Permission, jobId: string): void {
  if (!hasFor(grants, 'read', jobId)) throw new NotFound(`there is no job ${jobId}`);
  if (!hasFor(grants, permission, jobId)) throw new NotAllowed(permission, jobId);
}

async function checkBody(request: FastifyRequest, { needed }: KnownRoute, caller: Caller, hooks: AccessHooks): Promise<void> {
  const { permission, job, withDefinition } = needed;
  if (permission === 'nobody' || permission === 'anybody') return;
  const { definition } = (request.body ?? {}) as { definition?: unknown };
  const parameters = request.params as { jobId?: string; simulationId?: string };
  const about = await jobOf(request, needed, hooks);
  if (job === 'definition' && !hasFor(caller.grants, permission, about)) throw new NotAllowed(permission, about);
  if (job === 'simulation' && about !== null) {
    if (!hasFor(caller.grants, 'read', about)) throw new NotFound(`there is no simulation ${parameters.simulationId}`);
    assertFor(caller, permission, about);
  }
  if (withDefinition && definition !== undefined) assertFor(caller, withDefinition, about ?? '');
}

/** The job that a request is about; null for none, or for all of them. */
async function jobOf({ params, body }: FastifyRequest, { job }: Needed, { simulations }: AccessHooks): Promise<string | null> {
  const { jobId, simulationId } = params as { jobId?: string; simulationId?: string };
  if (job === 'definition') return jobIn((body as { definition?: unknown } | null | undefined)?.definition);
  if (job === 'simulation') return (await simulations.find(simulationId!))?.opened.jobId ?? null;
  return jobId ?? null;
}

/** The job that a body is about; one that cannot be told is every job's. */
function jobIn(definition: unknown): string | null {
  const job = (definition as { job?: unknown } | null | undefined)?.job;
  return typeof job === 'string' ? job : null;
}

async function denying(
  request: FastifyRequest,
  route: KnownRoute,
  caller: Caller,
  { denials }: AccessHooks,
  check: () => void | Promise<void>,
): Promise<void> {
  try {
    await check();
  } catch (error) {
    const denial = denialOf(request, route, caller);
    if (error instanceof NotAllowed)
      denials.note({ ...denial, kind: 'not-allowed', message: error.message, about: error.jobId ?? denial.about });
    else if (error instanceof NotFound) denials.note({ ...denial, kind: 'not-allowed', message: 'this job may not be seen' });
    else if (error instanceof TooManyRequests) denials.note({ ...denial, kind: 'too-many-requests', message: error.message });
    throw error;
  }
}

const denialOf = (request: FastifyRequest, { name }: KnownRoute, { by }: Caller): Omit<Denial, 'kind' | 'message'> => ({
  route: name,
  about: (request.params as { jobId?: string } | undefined)?.jobId?.slice(0, 200) ?? null,
  address: request.ip,
  by,
});
