import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedError } from './embedded-error.js';
import { signal, waitForEnd } from './processes.js';
import { lastLine } from './run.js';
import type { ServerEnd } from './started-server.js';

export interface Launch {
  /** The server's name in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly logFile: string;
}

export interface Launched {
  readonly pid: number;
  /** Does not keep this process alive; `untilEnded` does. */
  readonly ended: Promise<ServerEnd>;
  untilEnded(): Promise<ServerEnd>;
  hasEnded(): boolean;
  /** Ends it by the first signal that works; once it has ended this does nothing. */
  stop(steps: readonly StopStep[]): Promise<void>;
  /** What it has printed since this start. */
  log(): Promise<string>;
}

/**
 * Starts a server in a process group of its own: a terminal's Ctrl-C reaches those who use it first, and they stop it when they
 * are done. It does not keep this process alive.
 */
export async function launch({ name, command, args, env = process.env, uid, gid, logFile }: Launch): Promise<Launched> {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a', 0o600);
  const logStart = (await sizeOf(logFile)) ?? 0;
  const child = spawn(command, args, {
    cwd: '/',
    env,
    detached: true,
    stdio: ['ignore', log, log],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  closeSync(log);
  let hasEnded = false;
  const ended = new Promise<ServerEnd>((resolve) => {
    child.once('exit', (code, signalName) => {
      hasEnded = true;
      resolve({ code, signal: signalName });
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new EmbeddedError(`${name} could not be started: ${error.message}`)));
  });
  child.unref();
  const untilEnded = () => {
    if (!hasEnded) child.ref();
    return ended;
  };
  const { pid } = child;
  if (pid === undefined) throw new EmbeddedError(`${name} could not be started.`);
  return {
    pid,
    ended,
    untilEnded,
    hasEnded: () => hasEnded,
    stop: async (steps) => {
      if (hasEnded) return;
      await endProcess(pid, steps);
      await untilEnded();
    },
    log: () => readFrom(logFile, logStart),
  };
}

/**
 * Asks again and again until the server is ready.
 * @throws EmbeddedError when it ends before, or takes longer than the limit
 */
export async function untilReady(name: string, launched: Launched, isReady: () => Promise<boolean>, timeoutMs = 180_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = 10; ; pauseMs = Math.min(250, pauseMs * 1.5)) {
    if (launched.hasEnded())
      throw new EmbeddedError(`${name} ended while starting: ${lastLine(await launched.log()) || 'it printed nothing'}`);
    if (await isReady()) return;
    if (Date.now() > deadline) throw new EmbeddedError(`${name} was not ready within ${Math.round(timeoutMs / 1000)} s.`);
    await sleep(pauseMs);
  }
}

export interface StopStep {
  readonly signal: NodeJS.Signals;
  readonly graceMs: number;
}

/** Ends a process by the first of these signals that works. */
export async function endProcess(pid: number, steps: readonly StopStep[]): Promise<void> {
  for (const { signal: name, graceMs } of steps) {
    signal(pid, name);
    if (await waitForEnd(pid, graceMs)) return;
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  const handle = await open(file, 'r').catch(() => undefined);
  try {
    return handle && (await handle.stat()).size;
  } finally {
    await handle?.close();
  }
}

async function readFrom(file: string, start: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const from = Math.max(start, size - 64_000);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.max(0, size - from)), 0, Math.max(0, size - from), from);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}
