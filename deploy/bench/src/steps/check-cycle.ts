import type { Closed, CycleMeasured } from './run-cycle.js';
import type { ChangeTrace } from './read-trace.js';

/** What a cycle has to have done; what is not named is 0. */
export type Expected = Partial<Closed['tally']> & { readonly kind: Closed['kind'] };

/** Whether the cycle did what it should, told the truth about it, and has the events to prove it. */
export function checkCycle({ closed, trace }: CycleMeasured, { kind, ...expected }: Expected): string[] {
  const problems: string[] = [];
  const { tally } = closed;
  if (closed.kind !== kind) problems.push(`the cycle was ${closed.kind}, not ${kind}`);
  if (closed.result !== 'succeeded') problems.push(`its result is ${closed.result}: ${JSON.stringify(closed.failure)}`);
  for (const name of Object.keys(tally) as (keyof typeof tally)[]) {
    const should = expected[name] ?? 0;
    if (tally[name] !== should) problems.push(`its tally says ${name} ${tally[name]}, not ${should}`);
  }
  const { created, updated, disabled, deleted, skipped, unchanged, escrowed, held } = tally;
  const outcomes = created + updated + disabled + deleted + skipped + unchanged + escrowed + held;
  if (outcomes !== tally.imported) problems.push(`its tally does not balance: ${tally.imported} imported, ${outcomes} outcomes`);
  return [...problems, ...checkEvents(trace.changes, tally)];
}

function checkEvents(changes: ReadonlyMap<string, ChangeTrace>, tally: Closed['tally']): string[] {
  const problems: string[] = [];
  if (changes.size !== tally.imported) problems.push(`the log tells of ${changes.size} changes, not of ${tally.imported}`);
  const odd = [...changes].filter(
    ([, { imported, lookedUp, evaluated, outcomes }]) => imported !== 1 || lookedUp > 1 || evaluated !== 1 || outcomes.length !== 1,
  );
  for (const [changeId, change] of odd.slice(0, 5))
    problems.push(`the events of change ${changeId} do not add up: ${JSON.stringify(change)}`);
  if (odd.length > 5) problems.push(`… and those of ${odd.length - 5} more changes`);
  const count = (outcome: string): number => [...changes.values()].filter(({ outcomes }) => outcomes[0] === outcome).length;
  const names = {
    create: 'created',
    update: 'updated',
    disable: 'disabled',
    delete: 'deleted',
    skip: 'skipped',
    unchanged: 'unchanged',
  } as const;
  for (const [outcome, name] of Object.entries(names) as [string, keyof typeof tally][]) {
    if (count(outcome) !== tally[name])
      problems.push(`the log holds ${count(outcome)} outcomes "${outcome}", the tally says ${tally[name]}`);
  }
  return problems;
}
