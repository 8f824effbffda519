import { ArchiveUnusable, BrokerUnusable } from '@provident/bus';
import { DatabaseUnusable } from '@provident/service-kit';
import { VaultUnusable } from '@provident/vault';

import { believeLog, restore } from './restore.js';

/** `node dist/restore/main.js FILE [KEYS]`, or `--present-log` in place of a file, with NATS_URL and DATABASE_URL: one line of what was done, or why not and exit status 1. */
const { NATS_URL: natsUrl, DATABASE_URL: databaseUrl, PROVIDENT_STREAM: stream = 'PROVISIONING' } = process.env;
const [file, keys = null] = process.argv.slice(2);
try {
  if (!file || !natsUrl || !databaseUrl)
    throw new ArchiveUnusable('give the backup as the argument, and NATS_URL and DATABASE_URL in the environment');
  const servers = { natsUrl, databaseUrl, stream };
  process.stdout.write(`${file === '--present-log' ? await believeLog(servers) : await restore({ file, keys, ...servers })}\n`);
} catch (error) {
  const expected = [ArchiveUnusable, BrokerUnusable, DatabaseUnusable, VaultUnusable].some((kind) => error instanceof kind);
  process.stderr.write(`${expected ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
  process.exitCode = 1;
}
