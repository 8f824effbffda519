import { cliOf } from './cli.js';
import { runProgram } from './program.js';

// The reader of a pipe may have enough: that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}

process.exitCode = await runProgram(process.argv.slice(2), cliOf(process));
