import type { PersonFound } from '@provident/contracts/http';

/** A person to choose: one identifier stands for the accounts of all jobs that know it. */
export interface Somebody {
  readonly id: string;
  readonly name: string;
  readonly matchingValue: string | null;
}

/** Found objects, those of one identifier in several jobs as one. What has no identifier at all cannot be opened. */
export function somebodies(found: readonly PersonFound[]): Somebody[] {
  const byId = new Map<string, Somebody>();
  for (const { sourceId, targetId, displayName, matchingValue } of found) {
    const id = sourceId ?? targetId ?? matchingValue;
    if (id !== null && !byId.has(id)) byId.set(id, { id, name: displayName ?? matchingValue ?? id, matchingValue });
  }
  return [...byId.values()];
}
