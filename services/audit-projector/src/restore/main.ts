import { ArchiveUnusable, BrokerUnusable } from '@provident/bus';

import { restore } from './restore.js';

/** `node dist/restore/main.js FILE`, with NATS_URL and DATABASE_URL: one line of what was done, or why not and exit status 1. */
const { NATS_URL: natsUrl, DATABASE_URL: databaseUrl, PROVIDENT_STREAM: stream = 'PROVISIONING' } = process.env;
const [file] = process.argv.slice(2);
try {
  if (!file || !natsUrl || !databaseUrl)
    throw new ArchiveUnusable('give the backup as the argument, and NATS_URL and DATABASE_URL in the environment');
  process.stdout.write(`${await restore({ file, natsUrl, databaseUrl, stream })}\n`);
} catch (error) {
  const expected = error instanceof ArchiveUnusable || error instanceof BrokerUnusable;
  process.stderr.write(`${expected ? error.message : ((error as Error).stack ?? String(error))}\n`);
  process.exitCode = 1;
}
