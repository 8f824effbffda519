/**
 * Watches from outside how far the read models have come: their position is committed in the transaction of the rows it stands for, so whoever
 * sees a position sees the entries of every event up to it. Told to by a message, it looks once more and answers with what it saw since the last one.
 * Arguments: address of the database, pause between looks in milliseconds.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';

const [url = '', everyMs = '20'] = process.argv.slice(2);
const client = new Client({ connectionString: url, application_name: 'provident bench watcher' });
await client.connect();

/** When a position was first seen, and which: only where it had grown. */
let seen: [atMs: number, sequence: number][] = [];
let last = 0;

async function look(): Promise<void> {
  const { rows } = await client.query<{ sequence: string }>({ name: 'position', text: 'select sequence from read_model.position' });
  const sequence = Number(rows[0]?.sequence ?? 0);
  if (sequence !== last) seen.push([Date.now(), sequence]);
  last = sequence;
}

/** Who asks may have seen a position between two looks of ours: without one more look the answer would not reach as far. */
async function answer(): Promise<void> {
  await look();
  process.send?.(seen);
  seen = [];
}

process.on('message', () => void answer());
process.once('disconnect', () => process.exit(0));
process.send?.('ready');

for (;;) {
  await look();
  await sleep(Number(everyMs));
}
