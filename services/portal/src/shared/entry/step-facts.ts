import type { LogEntryView } from '@provident/contracts/http';

import type { Clause } from './advice.js';

export interface Tried {
  readonly attribute: string;
  readonly value: unknown;
  readonly found: number;
}

/** What a step knew, sorted by how it is shown. */
export interface StepFacts {
  /** Read from the source. */
  readonly attributes: readonly (readonly [name: string, value: unknown])[];
  /** Accounts that were found, with their attributes. */
  readonly accounts: readonly { readonly id: string; readonly attributes: readonly (readonly [name: string, value: unknown])[] }[];
  readonly tried: readonly Tried[];
  readonly clauses: readonly Clause[];
  readonly changes: LogEntryView['modified'];
}

interface Details {
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly matches?: readonly { readonly id: string; readonly attributes?: Readonly<Record<string, unknown>> }[];
  readonly tried?: readonly Tried[];
  readonly scope?: { readonly clauses?: readonly Clause[] };
  readonly active?: Partial<Clause>;
  readonly changes?: LogEntryView['modified'];
}

/** @param isActive what the condition on being active is called among the filters */
export function factsOf(details: Readonly<Record<string, unknown>>, isActive: string): StepFacts {
  const { attributes = {}, matches = [], tried = [], scope, active, changes = [] } = details as Details;
  return {
    attributes: Object.entries(attributes),
    accounts: matches.map((match) => ({ id: match.id, attributes: Object.entries(match.attributes ?? {}) })),
    tried,
    clauses: [...(scope?.clauses ?? []), ...activeClause(active, isActive)],
    changes,
  };
}

/** A job without such a condition says only that it holds. */
function activeClause(active: Partial<Clause> | undefined, filter: string): Clause[] {
  if (active?.clause === undefined) return [];
  return [{ filter, clause: active.clause, actual: active.actual ?? '', holds: active.holds ?? false }];
}

export const hasFacts = (facts: StepFacts): boolean => Object.values(facts).some((list: readonly unknown[]) => list.length > 0);
