import { expect, test } from '@jest/globals';
import { eventDefinitions } from '@provident/contracts';

import { type Person, plots, Story } from './story.js';

test('every event of a story is valid, and its tallies balance', () => {
  const people: Person[] = plots.map((plot, i) => ({ plot, id: `E-${i}` }));
  const { events } = new Story().configured().cycle(people, { kind: 'initial' }).failedCycle().recovered().disabled().aftermath();
  for (const event of events) {
    const parsed = eventDefinitions().get(event.type)!.schema.safeParse(event.data);
    expect({ type: event.type, issues: parsed.error?.issues ?? [] }).toEqual({ type: event.type, issues: [] });
  }
  const tally = (events.find(({ type }) => type === 'cycle-closed')!.data as { tally: Record<string, number> }).tally;
  const { read, imported, ...outcomes } = tally;
  expect(read).toBe(people.length);
  expect(Object.values(outcomes).reduce((sum, n) => sum + n, 0)).toBe(imported);
  expect(new Set(events.map(({ type }) => type)).size).toBeGreaterThanOrEqual(28);
});
