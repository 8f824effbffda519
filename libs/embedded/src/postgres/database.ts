import { Client, escapeIdentifier } from 'pg';
import { errorCode } from '../error-code.js';

export interface Login {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export const urlOf = ({ port, user, password }: Login, database: string): string =>
  `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;

/** Runs statements on one short connection. */
export async function withConnection<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // a connection lost while closing is nobody's business
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Whether the server takes this login and answers. */
export async function answers(url: string): Promise<boolean> {
  try {
    await withConnection(url, (client) => client.query('SELECT 1'));
    return true;
  } catch (error) {
    if (errorCode(error) === '28P01') throw error; // wrong password: waiting does not help
    return false;
  }
}

export async function createDatabaseIfMissing(adminUrl: string, name: string): Promise<void> {
  await withConnection(adminUrl, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${escapeIdentifier(name)}`);
  });
}
