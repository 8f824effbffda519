import { ConnectorError, type PassOptions, type TargetObject } from '@provident/connectors';
import type { DataOf, RuleEvaluated } from '@provident/contracts';

import type { OpenTarget } from './targets.js';

type Decision = DataOf<typeof RuleEvaluated>;

export type Written =
  | { readonly outcome: 'written'; readonly targetId: string }
  /** The target is not as the decision assumed. */
  | { readonly outcome: 'stale'; readonly code: string; readonly text: string };

export interface WriteContext {
  readonly target: OpenTarget;
  readonly inDoubt: boolean;
  readonly signal: AbortSignal;
  readonly assertHeld: () => void;
  /** Waits while the job is stopped. */
  readonly untilStarted: (signal: AbortSignal) => Promise<void> | void;
  /** The write begins now; false when somebody who asked for the object now was let in before. */
  readonly begin: () => boolean;
}

/** The object was taken over by work on demand before its write had begun. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** Sent back so often at most: then the conflict is real. */
const mostRounds = 2;
const createAttempts = 3;

/** The one effect of this service. @throws ConnectorError when the target does not take it */
export function writeToTarget(decision: Decision, context: WriteContext): Promise<Written> {
  switch (decision.action) {
    case 'create':
      return create(decision, context);
    case 'update':
      return update(decision, context);
    case 'disable':
      return disable(decision, context);
    default:
      return remove(decision, context);
  }
}

/**
 * Creates the account. Whenever it might exist already (a predecessor's write, an answer that was lost, a conflict), it is not adopted here: the
 * decision goes back to the importer, the one place where accounts are matched to people.
 */
async function create(decision: Decision, context: WriteContext): Promise<Written> {
  const { target, inDoubt, signal } = context;
  const type = target.objectTypeOf(decision.objectKey);
  const attributes = Object.fromEntries(decision.changes.map((change) => [change.attribute, change.new]));
  /** Said of an earlier try by a target that may have carried it out all the same: an answer of 500 says that something failed, not that nothing was done. */
  let unsure: ConnectorError | null = null;
  const tryToCreate = async (): Promise<{ readonly id: string }> => {
    if (unsure && !decision.match) throw unsure;
    if (unsure && (await findMatching(decision, context)).length > 0) throw new FoundBeforeCreate();
    try {
      return await target.connector.create(type, attributes, signal);
    } catch (error) {
      if (error instanceof ConnectorError && isAnswered(error)) unsure = error;
      throw error;
    }
  };
  /** No answer came to an earlier try: unless the look-up tells otherwise, nobody knows whether the account is there. */
  let unanswered: ConnectorError | null = null;
  const mayBeThere = (): Promise<boolean> =>
    isThere(decision, context).catch((error: unknown) => {
      throw error instanceof ConnectorError ? (unanswered ?? error) : error;
    });
  for (let attempt = 1; ; attempt++) {
    if ((inDoubt || attempt > 1) && (await mayBeThere())) return foundBeforeCreate();
    try {
      const { id } = await target.gate.pass(tryToCreate, signal, whileMayWrite(context));
      return { outcome: 'written', targetId: id };
    } catch (error) {
      if (error instanceof FoundBeforeCreate) return foundBeforeCreate();
      if (!(error instanceof ConnectorError)) throw error;
      if (error.kind === 'conflict' && decision.round < mostRounds && (await isThere(decision, context)))
        return stale('conflict', error.message);
      if (error.kind !== 'unknown-outcome' || !decision.match || attempt >= createAttempts) throw error;
      unanswered = error;
    }
  }
}

/** An earlier try has made the account, or somebody else has. */
class FoundBeforeCreate extends Error {
  override readonly name = 'FoundBeforeCreate';
}

const foundBeforeCreate = (): Written =>
  stale('found-before-create', 'an account with this matching value appeared after it was decided to create one');

async function isThere(decision: Decision, context: WriteContext): Promise<boolean> {
  return (await context.target.gate.pass(() => findMatching(decision, context), context.signal)).length > 0;
}

async function findMatching({ match, objectKey }: Decision, { target, signal }: WriteContext): Promise<readonly TargetObject[]> {
  if (!match) return [];
  const query = { objectType: target.objectTypeOf(objectKey), attribute: match.attribute, value: match.value };
  return target.connector.find(query, [match.attribute], signal);
}

const stale = (code: string, text: string): Written => ({ outcome: 'stale', code, text });

/** Writes what differs. A lost answer is asked for again: writing the same values twice changes nothing. */
async function update(decision: Decision, context: WriteContext): Promise<Written> {
  const { target, inDoubt, signal } = context;
  const id = decision.targetId!;
  const type = target.objectTypeOf(decision.objectKey);
  const { members } = decision;
  if (decision.changes.length > 0) {
    await repeatable(context, () => target.connector.update(type, id, decision.changes, signal)).catch((error: unknown) => {
      throw members && inDoubt ? unclear(error) : error;
    });
  }
  if (members) await changeMembers(id, type, members, context);
  if (decision.enable) {
    await repeatable(context, () => target.connector.setActive(type, id, true, signal));
  }
  return { outcome: 'written', targetId: id };
}

/**
 * Who is in a group is not read again before it is written: where an earlier try may have been carried out, by a predecessor or behind an answer that was
 * lost, a failure says so, whatever the last answer was.
 */
async function changeMembers(id: string, type: string, members: NonNullable<Decision['members']>, context: WriteContext): Promise<void> {
  const { target, inDoubt, signal } = context;
  let mayBeDone = inDoubt;
  const request = async (): Promise<void> => {
    try {
      await target.connector.changeMembers(type, id, members, signal);
    } catch (error) {
      mayBeDone ||= error instanceof ConnectorError && (error.kind === 'unknown-outcome' || isAnswered(error));
      throw error;
    }
  };
  await repeatable(context, request).catch((error: unknown) => {
    throw mayBeDone ? unclear(error) : error;
  });
}

/** The target says that something failed, not that nothing was done. */
const isAnswered = ({ kind, facts }: ConnectorError): boolean => kind === 'unavailable' && facts.status !== undefined;

function unclear(error: unknown): unknown {
  if (!(error instanceof ConnectorError) || error.kind === 'unknown-outcome') return error;
  return new ConnectorError({ ...error.facts, kind: 'unknown-outcome' }, { cause: error });
}

async function disable(decision: Decision, context: WriteContext): Promise<Written> {
  const { target, signal } = context;
  const id = decision.targetId!;
  await repeatable(context, () => target.connector.setActive(target.objectTypeOf(decision.objectKey), id, false, signal));
  return { outcome: 'written', targetId: id };
}

async function remove(decision: Decision, context: WriteContext): Promise<Written> {
  const { target, signal } = context;
  const id = decision.targetId!;
  await repeatable(context, () => target.connector.remove(target.objectTypeOf(decision.objectKey), id, signal));
  return { outcome: 'written', targetId: id };
}

const repeatable = (context: WriteContext, request: () => Promise<void>): Promise<void> =>
  context.target.gate.pass(request, context.signal, { ...whileMayWrite(context), repeatable: true });

/** Asked right before each request: the job is not stopped, and nobody else may be writing. @throws LeaseLost, Overtaken */
function whileMayWrite({ untilStarted, assertHeld, begin, signal }: WriteContext): PassOptions {
  let waitedFor: Promise<void> | null = null;
  const before = (): Promise<void> | void => {
    const started = untilStarted(signal);
    if (started && started !== waitedFor) return (waitedFor = started); // the same once more has come to its end
    assertHeld();
    if (!begin()) throw new Overtaken('somebody asked for the object, and was let in before');
  };
  return { kind: 'write', before };
}
