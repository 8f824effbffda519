import { spawn } from 'node:child_process';

/** Cleans up after this process should it die without doing so itself. */
export interface Guard {
  /** A command that stops a server. */
  readonly stops: (command: readonly string[]) => void;
  /** A folder to remove once all servers are stopped. */
  removes(folder: string): void;
  /** Nothing to clean up any more. */
  release(): void;
}

/** Takes orders until `done`; when the pipe closes without it, because the writer has died, carries them out. */
const SCRIPT = `
trap '' INT TERM HUP
stops=
while read -r verb rest; do
  case $verb in
    stop) stops="$stops$rest;" ;;
    folder) set -- "$@" "$rest" ;;
    done) exit 0 ;;
  esac
done
eval "$stops"
for pause in 1 2 4; do
  sleep $pause
  rm -rf -- "$@" && exit 0
done
`;

/** Starts the guard: a small shell, in a session of its own, that reads from a pipe only this process can write to. */
export function startGuard(): Guard {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'provident-guard'], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return {
    stops: (command) => void child.stdin.write(`stop ${command.map(quote).join(' ')}\n`),
    removes: (folder) => void child.stdin.write(`folder ${folder}\n`),
    release: () => void child.stdin.end('done\n'),
  };
}

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
