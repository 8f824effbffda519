import { gunzipSync } from 'node:zlib';

import { connectBroker } from '@provident/bus';
import { jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';

/** Texts by the place where they were found: all that an installation keeps or tells. */
export type Traces = Map<string, string>;

/** A value in every form in which it is likely to be kept. */
export const formsOf = (value: string): string[] => [
  ...new Set([
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    Buffer.from(value).toString('base64').replace(/=+$/, ''),
    Buffer.from(value).toString('hex'),
  ]),
];

/** Places where one of the values stands. */
export const placesOf = (traces: Traces, values: readonly string[]): string[] =>
  [...traces].filter(([, text]) => values.flatMap(formsOf).some((form) => text.includes(form))).map(([place]) => place);

/** Every message of every stream, with all its headers: the log, and what simulations found. */
export async function traceBroker(natsUrl: string, traces: Traces): Promise<void> {
  const connection = await connectBroker(natsUrl, 'e2e traces');
  try {
    const manager = await jetstreamManager(connection);
    for await (const { config, state } of manager.streams.list()) {
      for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
        const message = await manager.streams.getMessage(config.name, { seq }).catch(() => null); // one that was deleted since
        if (!message) continue;
        const headers = message.header ? [...message.header].map(([name, values]) => `${name}: ${values.join(' ')}`).join('\n') : '';
        traces.set(`stream ${config.name} ${seq}`, `${message.subject}\n${headers}\n${new TextDecoder().decode(message.data)}`);
      }
    }
  } finally {
    await connection.close();
  }
}

/** Every row of every table, as a dump has them. */
export async function traceDatabase(databaseUrl: string, traces: Traces): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT each::text AS row FROM ${name} each`);
      traces.set(`table ${name}`, rows.map(({ row }) => row).join('\n'));
    }
  } finally {
    await client.end();
  }
}

/** What the API answers; compressed answers are opened. */
export async function traceApi(api: string, paths: readonly string[], traces: Traces): Promise<void> {
  for (const path of paths) {
    const answer = await fetch(`${api}${path}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes).toString('utf8') : bytes.toString('utf8');
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text.slice(0, 300)}`);
    traces.set(`GET ${path}`, text);
    for (const [, body] of text.matchAll(/"([A-Za-z0-9+/]{40,}={0,2})"\]$/gm)) {
      traces.set(`GET ${path}: events`, `${traces.get(`GET ${path}: events`) ?? ''}\n${Buffer.from(body!, 'base64').toString('utf8')}`);
    }
  }
}
