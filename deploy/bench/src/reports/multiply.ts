import { type Connection, Room } from '@provident/projection';

import { jobId, stockEntries, stockPeople } from './stock.js';

/** Entries that one person has in the end, about. */
const entriesPerPerson = 48;
const yearMs = 365 * 86_400_000;

export interface Multiplied {
  /** How often the stock is there. */
  readonly copies: number;
  /** How many people there are for each of the stock. */
  readonly blocks: number;
  readonly events: number;
}

/** How often the stock has to be there for so many entries. */
export const copiesFor = (entries: number): number => Math.max(1, Math.round(entries / stockEntries));

/** What a copy adds to ids, and to names: nothing for the block of the stock itself. */
export const suffixOf = (block: number): string => (block === 0 ? '' : `-b${block}`);
export const lettersOf = (block: number): string =>
  block === 0 ? '' : String.fromCharCode(97 + (block % 26)) + String.fromCharCode(97 + (Math.floor(block / 26) % 26));

/**
 * Copies what the projector has made of the stock until there are as many entries as wanted, within the database, over a year that ends now: other
 * places in the log, other times, other changes, and in turns other people.
 */
export async function multiply(
  connection: Connection,
  { copies, startedAt, onProgress }: { copies: number; startedAt: string; onProgress: (copies: number) => void },
): Promise<Multiplied> {
  const { rows } = await connection.query<{ sequence: number }>('select sequence from position');
  const { sequence: size } = rows[0]!;
  const blocks = Math.max(1, Math.round((copies * stockEntries) / entriesPerPerson / stockPeople));
  const room = new Room();
  const stepMs = Math.floor(yearMs / copies);
  for (let copy = 1; copy < copies; copy++) {
    const last = (copy + 1) * size;
    const at = new Date(Date.parse(startedAt) + copy * stepMs).toISOString();
    await room.upTo(last, at, connection);
    const block = copy % blocks;
    const values = [size, copy * size, stepMs * copy, `.${copy}`, suffixOf(block), lettersOf(block)];
    for (const { text, uses } of everyCopy)
      await connection.query(
        text,
        uses.map((index) => values[index - 1]),
      );
    if (copy < blocks)
      for (const { text, uses } of newPeople)
        await connection.query(
          text,
          uses.map((index) => values[index - 1]),
        );
    onProgress(copy + 1);
  }
  await connection.query('update object_counter set in_scope = in_scope * $1, linked = linked * $1, escrows = escrows * $1', [blocks]);
  await connection.query(latestDecisions);
  await connection.query('update position set sequence = $1', [copies * size]);
  await connection.query(
    'update job set last_cycle_id = (select cycle_id from cycle where job_id = $1 order by opened_sequence desc limit 1)',
    [jobId],
  );
  await connection.query('analyze identity, object_state, cycle');
  return { copies, blocks, events: copies * size };
}

/** Otherwise everybody would seem to have undecided changes. */
const latestDecisions = `
  update object_state set last_sequence = latest.last_sequence
  from (select job_id, object_key, max(last_sequence) as last_sequence from provisioning_entry group by job_id, object_key) latest
  where object_state.job_id = latest.job_id and object_state.object_key = latest.object_key`;

interface Copying {
  readonly text: string;
  /** Which of the values it takes, in this order. */
  readonly uses: readonly number[];
}

/** Names for the values: only those that a statement uses may be given to it. */
const copying = (make: (value: Record<'size' | 'behind' | 'ms' | 'copy' | 'block' | 'letters', string>) => string): Copying => {
  const uses: number[] = [];
  const value = (index: number, type: string): string => {
    if (!uses.includes(index)) uses.push(index);
    return `$${uses.indexOf(index) + 1}::${type}`;
  };
  const text = make({
    get size() {
      return value(1, 'bigint');
    },
    get behind() {
      return value(2, 'bigint');
    },
    get ms() {
      return `${value(3, 'double precision')} * interval '1 ms'`;
    },
    get copy() {
      return value(4, 'text');
    },
    get block() {
      return value(5, 'text');
    },
    get letters() {
      return value(6, 'text');
    },
  });
  return { text, uses };
};

const everyCopy = [
  copying(
    (
      v,
    ) => `insert into audit_event (sequence, id, type, at, job_id, cycle_id, change_id, object_key, lane, stage, activity, status, source_id, target_id, data)
     select sequence + ${v.behind}, id || ${v.copy}, type, at + ${v.ms}, job_id, cycle_id || ${v.copy}, change_id || ${v.copy}, object_key || ${v.block},
            lane, stage, activity, status, source_id || ${v.block}, target_id || ${v.block}, data
     from audit_event where sequence <= ${v.size} order by sequence`,
  ),
  copying(
    (
      v,
    ) => `insert into provisioning_entry (change_id, job_id, cycle_id, object_key, object_type, source_id, target_id, display_name, matching_value, action,
       status, reason, text, attempts, activities, escrow, next_attempt_at, started_at, at, troubled_at, first_sequence, last_sequence, modified)
     select change_id || ${v.copy}, job_id, cycle_id || ${v.copy}, object_key || ${v.block}, object_type, source_id || ${v.block}, target_id || ${v.block},
            display_name || ${v.letters}, matching_value || ${v.block}, action, status, reason, text, attempts, activities, escrow, next_attempt_at,
            started_at + ${v.ms}, at + ${v.ms}, troubled_at + ${v.ms}, first_sequence + ${v.behind}, last_sequence + ${v.behind}, modified
     from provisioning_entry where first_sequence <= ${v.size} order by first_sequence`,
  ),
  copying(
    (v) => `insert into cycle
     select (jsonb_populate_record(cycle, jsonb_build_object('cycle_id', cycle_id || ${v.copy}, 'opened_sequence', opened_sequence + ${v.behind},
       'opened_at', opened_at + ${v.ms}, 'closed_at', closed_at + ${v.ms}, 'import_completed_at', import_completed_at + ${v.ms}))).*
     from cycle where opened_sequence <= ${v.size}`,
  ),
];

const newPeople = [
  copying(
    (v) => `insert into identity (value, kind, job_id, object_key, first_sequence)
     select value || case kind when 'name' then ${v.letters} else ${v.block} end, kind, job_id, object_key || ${v.block}, first_sequence + ${v.behind}
     from identity where first_sequence <= ${v.size}`,
  ),
  copying(
    (v) => `insert into object_state (job_id, object_key, in_scope, target_id, last_action, last_status, last_sequence)
     select job_id, object_key || ${v.block}, in_scope, target_id || ${v.block}, last_action, last_status, last_sequence + ${v.behind}
     from object_state where last_sequence <= ${v.size}`,
  ),
];
