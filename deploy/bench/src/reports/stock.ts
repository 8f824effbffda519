import type { LogEvent } from '@provident/contracts';
import { type Person, type Plot, Story } from '@provident/projection/testing';

export const jobId = 'bench-reports';
/** People of the stock; whoever is copied is another person. */
export const stockPeople = 5_000;
const cycles = 4;
/** Entries of the stock: what goes through the projector itself, and is then copied. */
export const stockEntries = stockPeople * cycles;

const given = ['Ada', 'Björn', 'Chloé', 'Dmitri', 'Edith', 'Farid', 'Grace', 'Hiro'];
const family = ['Love', 'Ö', 'Mart', 'Ivan', 'Clark', 'Had', 'Hopp', 'Tana', 'Nguy', 'Silv'];
const letter = (n: number): string => String.fromCharCode(97 + (n % 26));

/** So many names that few people have one in common. */
export const nameOf = (at: number): string => {
  const mixed = (at * 7_919) % 17_576;
  return `${given[at % 8]} ${family[(at >> 3) % 10]}${letter(mixed)}${letter(mixed / 26)}${letter(mixed / 676)}`;
};
export const idOf = (at: number): string => `E-${100_000 + at}`;

/** What happens in a cycle behind the first: a large part differs in nothing, few fail. */
const plotOf = (at: number): Plot =>
  at % 100 === 7 ? 'given-up' : at % 100 === 57 ? 'rejected' : at % 10 === 3 ? 'out-of-scope' : at % 3 === 0 ? 'unchanged' : 'mover';

const encoder = new TextEncoder();

/** The events of the stock, as they would come from the log. */
export function stockEvents(startAt: string): LogEvent[] {
  const people = (plot: (at: number) => Plot): Person[] =>
    Array.from({ length: stockPeople }, (_, at) => ({ id: idOf(at), name: nameOf(at), plot: plot(at) }));
  const story = new Story(jobId, startAt).configured().cycle(
    people(() => 'joiner'),
    { kind: 'initial', pageSize: 250 },
  );
  for (let cycle = 1; cycle < cycles; cycle++) story.cycle(people(plotOf), { pageSize: 250 });
  return withText(story.events);
}

/** A first cycle of people that nobody has seen yet. */
export function newcomers(job: string, count: number, after: number): LogEvent[] {
  const people: Person[] = Array.from({ length: count }, (_, at) => ({ id: `N-${at}`, name: nameOf(at), plot: 'joiner' }));
  return withText(new Story(job, new Date().toISOString(), after).configured().cycle(people, { kind: 'initial', pageSize: 250 }).events);
}

const withText = (events: readonly LogEvent[]): LogEvent[] =>
  events.map((event) => ({ ...event, raw: encoder.encode(JSON.stringify(event.data)) }));
