import { type DataOf, erasedValue, is, JobConfigured, type LogEvent, PersonErased, sealEventData } from '@provident/contracts';
import { type AttributeValue, parseSealed, type Sealing } from '@provident/domain';

import { type LogItem, isReadable } from '../log-item.js';
import type { Projection } from '../projection.js';
import { plainArray, textArray } from '../sql/arrays.js';
import { storableJson } from '../sql/clean-json.js';
import type { Connection } from '../sql/connection.js';
import type { Flight, Statement } from '../sql/flight.js';
import type { ChangeStories } from '../story/change-stories.js';

type Erased = LogEvent<DataOf<typeof PersonErased>>;

const isErasure = (item: LogItem): item is Erased => isReadable(item) && is(item, PersonErased);

/** The same items in their order, with every erasure by itself: what it blanks has to be in the database before it is heard. */
export function erasuresApart(items: readonly LogItem[]): (readonly LogItem[])[] {
  if (!items.some(isErasure)) return [items];
  const parts: LogItem[][] = [];
  let open = false;
  for (const item of items) {
    const isAlone = isErasure(item);
    if (open && !isAlone) parts.at(-1)!.push(item);
    else parts.push([item]);
    open = !isAlone;
  }
  return parts;
}

const everything: Sealing = { all: true, source: new Set(), target: new Set(), displayName: '' };
const blank = (): string => erasedValue;
/** What an event says, without values; those that are sealed stay as they are, because nobody can open them any more. */
const blankedData = <Data>(data: Data): Data => sealEventData(data, everything, blank);
const blankedValue = (value: unknown): unknown =>
  value === null || (typeof value === 'string' && parseSealed(value)) ? value : erasedValue;
const blankedText = (text: string | null): string | null => (text === null || text === '' || parseSealed(text) ? text : erasedValue);

interface EventRow {
  readonly sequence: number;
  readonly data: object;
}

interface EntryRow {
  readonly change_id: string;
  readonly first_sequence: number;
  readonly display_name: string | null;
  readonly matching_value: string | null;
  readonly text: string;
  readonly modified: readonly { readonly attribute: string; readonly old: AttributeValue; readonly new: AttributeValue }[];
}

interface EscrowRow {
  readonly display_name: string | null;
  readonly failure: object;
}

const eventsOf = 'select sequence, data from audit_event where job_id = $1 and object_key = $2 and sequence < $3 order by sequence';
const entriesOf = `select change_id, first_sequence, display_name, matching_value, text, modified from provisioning_entry
  where job_id = $1 and object_key = $2 order by first_sequence`;
const escrowsOf = 'select display_name, failure from escrow where job_id = $1 and object_key = $2';

const updateEvents = `update audit_event set data = changed.data
  from unnest($1::bigint[], $2::json[]) changed (sequence, data) where audit_event.sequence = changed.sequence`;
const updateEntries = `update provisioning_entry entry
  set display_name = changed.display_name, matching_value = changed.matching_value, text = changed.text, modified = changed.modified
  from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::json[])
    changed (change_id, first_sequence, display_name, matching_value, text, modified)
  where entry.change_id = changed.change_id and entry.first_sequence = changed.first_sequence`;
const updateEscrow = 'update escrow set display_name = $3, failure = $4 where job_id = $1 and object_key = $2';
/** There is no index by whom a name stands for: it is only looked for where the job has not sealed names from its first event on. */
const deleteNames = `delete from identity
  where job_id = $1 and object_key = $2 and kind in ('name', 'matching') and exists (
    select from audit_event event where event.activity = 'job' and event.type = '${JobConfigured.type}' and event.job_id = $1
      and event.data -> 'definition' -> 'privacy' ->> 'seal' is distinct from 'all')`;

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * Blanks what stands readable of a person who was erased: values that their job wrote before it sealed any. Sealed ones are gone with their key. It
 * comes last, and hears an erasure in a batch of its own.
 */
export class ErasureProjection implements Projection {
  readonly name = 'erasure';
  private statements: Statement[] = [];

  constructor(private readonly stories: Pick<ChangeStories, 'forgetObject'>) {}

  async load(connection: Connection, events: readonly LogEvent[]): Promise<void> {
    this.statements = [];
    for (const event of events) if (is(event, PersonErased)) this.statements.push(...(await blanking(connection, event)));
  }

  hear(event: LogEvent): void {
    // A story that goes on is read again from its events.
    if (is(event, PersonErased)) this.stories.forgetObject(event.jobId, event.data.objectKey);
  }

  write(flight: Flight): void {
    for (const statement of this.statements) flight.query(statement);
    this.statements = [];
  }

  forget(): void {
    this.statements = [];
  }
}

async function blanking(connection: Connection, { jobId, sequence, data: { objectKey } }: Erased): Promise<Statement[]> {
  const person = [jobId, objectKey];
  const events = (await connection.query<EventRow>({ name: 'events-to-blank', text: eventsOf, values: [...person, sequence] })).rows;
  const entries = (await connection.query<EntryRow>({ name: 'entries-to-blank', text: entriesOf, values: person })).rows;
  const escrows = (await connection.query<EscrowRow>({ name: 'escrows-to-blank', text: escrowsOf, values: person })).rows;
  return [
    ...eventStatements(events),
    ...entryStatements(entries),
    ...escrows.map((escrow): Statement => {
      const { displayName, failure } = blankedData({ displayName: escrow.display_name, failure: escrow.failure });
      return { name: 'blank-escrow', text: updateEscrow, values: [...person, displayName, storableJson(failure)] };
    }),
    { name: 'delete-names', text: deleteNames, values: person },
  ];
}

function eventStatements(events: readonly EventRow[]): Statement[] {
  const changed = events.flatMap(({ sequence, data }) => {
    const blanked = blankedData(data);
    return isSame(blanked, data) ? [] : [{ sequence, data: blanked }];
  });
  if (changed.length === 0) return [];
  const values = [plainArray(changed.map(({ sequence }) => sequence)), textArray(changed.map(({ data }) => storableJson(data)))];
  return [{ name: 'blank-events', text: updateEvents, values }];
}

function entryStatements(entries: readonly EntryRow[]): Statement[] {
  const changed = entries.flatMap((entry) => {
    const blanked = {
      ...entry,
      display_name: blankedText(entry.display_name),
      matching_value: blankedText(entry.matching_value),
      text: blankedText(entry.text)!,
      // Who comes into a group and who leaves it is told by keys, not by values.
      modified: entry.modified.map((each) =>
        each.attribute === 'members' ? each : { ...each, old: blankedValue(each.old), new: blankedValue(each.new) },
      ),
    };
    return isSame(blanked, entry) ? [] : [blanked];
  });
  if (changed.length === 0) return [];
  const values = [
    textArray(changed.map((each) => each.change_id)),
    plainArray(changed.map((each) => each.first_sequence)),
    textArray(changed.map((each) => each.display_name)),
    textArray(changed.map((each) => each.matching_value)),
    textArray(changed.map((each) => each.text)),
    textArray(changed.map((each) => storableJson(each.modified))),
  ];
  return [{ name: 'blank-entries', text: updateEntries, values }];
}
