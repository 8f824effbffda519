import { randomBytes } from 'node:crypto';
import { withConnection } from '../postgres/database.js';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** The NATS server of this test run. Tests share it: give streams names of their own. */
export const testNatsUrl = (): string => required('PROVIDENT_TEST_NATS_URL');

/** A fresh, empty database on the Postgres server of this test run. */
export async function testDatabase({ template }: { template?: string } = {}): Promise<TestDatabase> {
  const adminUrl = required('PROVIDENT_TEST_DATABASE_URL');
  const name = `test_${randomBytes(8).toString('hex')}`;
  const from = template ? ` TEMPLATE "${template.replaceAll('"', '""')}"` : '';
  await withConnection(adminUrl, (client) => client.query(`CREATE DATABASE "${name}"${from}`));
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await withConnection(adminUrl, (client) => client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`));
    },
  };
}

function required(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`${name} is not set: run these specs with \`npm run test:int\` or \`npm run test:e2e\`, which start the servers.`);
  return value;
}
