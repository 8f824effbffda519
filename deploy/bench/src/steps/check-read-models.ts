import type { ReadModels } from './read-models.js';

export interface ExpectedRows {
  readonly events: number;
  /** Changes that have been decided, and how many of them wrote to the target. */
  readonly entries: number;
  readonly written: number;
  readonly cycles: number;
}

/** Whether the read models hold all that the log does. */
export async function checkReadModels(models: ReadModels, { events, entries, written, cycles }: ExpectedRows): Promise<string[]> {
  const expected: [what: string, count: number][] = [
    ['audit_event', events],
    ['provisioning_entry', entries],
    [`provisioning_entry where status = 'success'`, written],
    ['cycle', cycles],
    ['cycle where balanced', cycles],
    ['unreadable_event', 0],
    ['escrow', 0],
  ];
  const problems: string[] = [];
  for (const [what, should] of expected) {
    const count = await models.count(what);
    if (count !== should) problems.push(`the read models hold ${count} of "${what}", not ${should}`);
  }
  return problems;
}
