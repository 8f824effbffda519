import { Command, CommanderError } from 'commander';

import type { AddCommand, Cli } from './cli.js';
import { addApply } from './commands/apply.js';
import { addBackup } from './commands/backup.js';
import { addCauses } from './commands/causes.js';
import { addConnections } from './commands/connections.js';
import { addDelete } from './commands/delete.js';
import { addDrift } from './commands/drift.js';
import { addEscrows } from './commands/escrows.js';
import { addEvents } from './commands/events.js';
import { addExpression } from './commands/expression.js';
import { addJobs } from './commands/jobs.js';
import { addLog } from './commands/log.js';
import { addPause } from './commands/pause.js';
import { addRebuild, addVerify } from './commands/check-read-models.js';
import { addProvision } from './commands/provision.js';
import { addHeld } from './commands/held.js';
import { addReject, addRelease } from './commands/release.js';
import { addRestore } from './commands/restore.js';
import { addRestart } from './commands/restart.js';
import { addQuarantines } from './commands/quarantines.js';
import { addRetry } from './commands/retry.js';
import { addRun } from './commands/run.js';
import { addSampleTarget } from './commands/sample-target.js';
import { addErase } from './commands/erase.js';
import { addSecret } from './commands/secret.js';
import { addSimulate } from './commands/simulate.js';
import { addStart } from './commands/start.js';
import { addToken } from './commands/token.js';
import { addWhoami } from './commands/whoami.js';
import { addStreams } from './commands/stream.js';
import { addStop } from './commands/stop.js';
import { addStatus } from './commands/status.js';
import { addUp } from './commands/up.js';
import { addValidate } from './commands/validate.js';
import { addVault } from './commands/vault.js';
import { addVersion, version } from './commands/version.js';

const commands: readonly AddCommand[] = [
  addUp,
  addApply,
  addValidate,
  addExpression,
  addJobs,
  addRun,
  addProvision,
  addStart,
  addPause,
  addStop,
  addRestart,
  addDelete,
  addStatus,
  addLog,
  addEvents,
  addHeld,
  addRelease,
  addReject,
  addConnections,
  addDrift,
  addVerify,
  addRebuild,
  addBackup,
  addRestore,
  addSimulate,
  addCauses,
  addEscrows,
  addRetry,
  addQuarantines,
  addErase,
  addSecret,
  addVault,
  addStreams,
  addToken,
  addWhoami,
  addSampleTarget,
  addVersion,
];

/**
 * Runs one command line.
 * @param words without the program's own name
 * @returns the exit status; 0 only on success
 */
export async function runProgram(words: readonly string[], cli: Cli): Promise<number> {
  let status = 0;
  const env = { ...cli.env };
  const own = { ...cli, env };
  const program = new Command('provident')
    .description('Keeps the accounts of other systems in step with a source of people, and can always say what it did and why.')
    .version(version, '-V, --version')
    .configureOutput({ writeOut: (text) => cli.out.write(text), writeErr: (text) => cli.err.write(text) })
    .option('--url <address>', 'where the API is; PROVIDENT_URL by default')
    .option('--token <token>', 'API token to sign in with; PROVIDENT_TOKEN by default, which no list of processes shows')
    .option('--reveal', 'show sensitive values too, which otherwise are "(sealed)"; for security administrators, and it is told in the log')
    .hook('preAction', (top) => {
      const { url, token, reveal } = top.opts<{ url?: string; token?: string; reveal?: true }>();
      if (reveal) env['PROVIDENT_REVEAL'] = 'true';
      if (url !== undefined) env['PROVIDENT_URL'] = url;
      if (token !== undefined) env['PROVIDENT_TOKEN'] = token;
    })
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)');
  for (const add of commands) add(program, own, (ended) => (status = ended));
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode;
  }
  return status;
}
