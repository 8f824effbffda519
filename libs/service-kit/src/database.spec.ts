import { createServer } from 'node:net';

import { expect, test } from '@jest/globals';

import { DatabaseUnusable, openDatabase } from './database.js';

const options = { schema: 'spec', entities: [], migrations: [] };

async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a database that does not answer is named, without its password, and with the remedy', async () => {
  const port = await deadPort();
  const refused = openDatabase({ ...options, url: `postgres://somebody:hidden@127.0.0.1:${port}/db` });
  await expect(refused).rejects.toBeInstanceOf(DatabaseUnusable);
  await expect(refused).rejects.toThrow(new RegExp(`127\\.0\\.0\\.1:${port}/db.*set DATABASE_URL`));
  await expect(refused).rejects.not.toThrow(/hidden|somebody/);
});
