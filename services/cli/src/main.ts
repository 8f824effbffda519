import { cliOf } from './cli.js';
import { runProgram } from './program.js';

// The reader of a pipe may have had enough: no failure, but what has been started is still ended in order.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (process.listenerCount('SIGTERM') > 0) process.kill(process.pid, 'SIGTERM');
    else process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
}

const status = await runProgram(process.argv.slice(2), cliOf(process));
for (const stream of [process.stdout, process.stderr]) await new Promise((written) => stream.write('', written));
process.exit(status); // whatever a library still waits for, the command has ended
