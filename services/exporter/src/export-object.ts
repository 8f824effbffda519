import { type Said, say } from '@provident/bus';
import { ConnectorError } from '@provident/connectors';
import { type DataOf, ExportDeferred, ExportFailed, ObjectExported, type RuleEvaluated, type WriteAction } from '@provident/contracts';

import { factsOf } from './facts-of.js';
import type { OpenTarget } from './targets.js';
import { Overtaken, type Written, writeToTarget } from './write-to-target.js';

type Decision = DataOf<typeof RuleEvaluated>;

export interface ExportCircumstances {
  /** A predecessor may have written this already without having been able to say so. */
  readonly inDoubt: boolean;
  /** Log sequence of a write of this object, or of a creation that may have been one, that the decision does not know of. */
  readonly laterExport: number | null;
  /** Log sequence at which a person changed the object's link, if the decision does not know of that. */
  readonly relinked: () => number | null;
  readonly open: () => Promise<OpenTarget>;
  readonly signal: AbortSignal;
  readonly assertHeld: () => void;
  readonly untilStarted: (signal: AbortSignal) => Promise<void> | void;
  readonly begin: () => boolean;
}

/** Carries a decision out and says what came of it: exported, failed, or sent back because it does not hold any more. */
export async function exportObject(decision: Decision, circumstances: ExportCircumstances): Promise<Said> {
  const { inDoubt, laterExport, relinked, open, signal, assertHeld, untilStarted, begin } = circumstances;
  const startedAt = performance.now();
  if (laterExport !== null)
    return deferred(decision, {
      outcome: 'stale',
      code: 'newer-export',
      text: `the object was written, or that was tried, at ${laterExport} in the log, after this was decided`,
    });
  const relinkedAt = relinked();
  if (relinkedAt !== null) return deferred(decision, otherLink(relinkedAt));
  try {
    const target = await open();
    const mayBegin = (): boolean => relinked() === null && begin();
    const written = await writeToTarget(decision, { target, inDoubt, signal, assertHeld, untilStarted, begin: mayBegin });
    return written.outcome === 'stale' ? deferred(decision, written) : exported(decision, written.targetId, performance.now() - startedAt);
  } catch (error) {
    const since = relinked();
    if (error instanceof Overtaken && since !== null) return deferred(decision, otherLink(since));
    if (error instanceof Overtaken) return deferred(decision, { outcome: 'stale', code: 'overtaken', text: error.message });
    if (!(error instanceof ConnectorError) || signal.aborted) throw error;
    return failed(decision, error, performance.now() - startedAt);
  }
}

const otherLink = (at: number): Extract<Written, { outcome: 'stale' }> => ({
  outcome: 'stale',
  code: 'link-changed',
  text: `somebody changed the link at ${at} in the log, after this was decided`,
});

const idOf = ({ changeId, attempt, round }: Decision, what: string): string => `${changeId}.${what}.${attempt}.${round}`;
const actionOf = ({ action }: Decision): WriteAction => action as WriteAction;

/** What a decision tells of a group's members, if it does. */
export const membersOf = ({ members, guard, part }: Decision): Pick<Decision, 'members' | 'guard' | 'part'> => ({
  ...(members && { members }),
  ...(guard && { guard }),
  ...(part && { part }),
});

function exported(decision: Decision, targetId: string, durationMs: number): Said {
  const { changes, enable } = decision;
  return say(ObjectExported, idOf(decision, 'export'), decision.objectKey, {
    ...factsOf(decision),
    action: actionOf(decision),
    targetId,
    changes,
    enabled: enable,
    durationMs: Math.round(durationMs),
    ...membersOf(decision),
  });
}

function deferred(decision: Decision, { code, text }: Extract<Written, { outcome: 'stale' }>): Said {
  return say(ExportDeferred, idOf(decision, 'export'), decision.objectKey, {
    ...factsOf(decision),
    action: actionOf(decision),
    reason: { code, text },
    ...(decision.guard && { guard: decision.guard }),
    ...(decision.part && { part: decision.part }),
  });
}

/** It was decided upon an older import than a removal that waits: it is taken up again with what the source says by now. */
export const sayOvertaken = (decision: Decision, at: number): Said =>
  deferred(decision, {
    outcome: 'stale',
    code: 'overtaken',
    text: `its removal, decided at ${at} in the log upon a newer import, waits`,
  });

/** Its values were erased before they were written: it is taken up again with what the source says by now. */
export const sayErased = (decision: Decision): Said =>
  deferred(decision, {
    outcome: 'stale',
    code: 'values-erased',
    text: 'the values of this person were erased before they were written',
  });

function failed(decision: Decision, { facts }: ConnectorError, durationMs: number): Said {
  const { kind, code, message, status, attribute } = facts;
  return say(ExportFailed, idOf(decision, 'export'), decision.objectKey, {
    ...factsOf(decision),
    action: actionOf(decision),
    targetId: decision.targetId,
    changes: decision.changes,
    failure: { kind, code, message, ...(status === undefined ? {} : { status }), ...(attribute === undefined ? {} : { attribute }) },
    durationMs: Math.round(durationMs),
    ...membersOf(decision),
  });
}
