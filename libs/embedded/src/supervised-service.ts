import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { backOffMs, failuresInARow } from './back-off.js';
import { lastLines, setAsideWhenLong } from './log-file.js';

export interface ServiceSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly logFile: string;
}

export interface Crash {
  readonly name: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines it has written. */
  readonly lastLines: readonly string[];
  /** Crashes in a row, this one included. */
  readonly failures: number;
  readonly restartInMs: number;
}

export interface ServiceState {
  readonly name: string;
  readonly state: 'starting' | 'ready' | 'waiting' | 'stopped';
  readonly pid: number | undefined;
  readonly restarts: number;
}

interface Watchers {
  onCrash(crash: Crash): void;
  onRestart(pid: number): void;
}

/**
 * One child process that is started again when it ends. It gets an IPC channel: it may send `'ready'` (or `{ type: 'ready' }`), and
 * should end on `'disconnect'`, which it sees even when its supervisor was killed.
 */
export class SupervisedService {
  private child: ChildProcess | undefined;
  private isReady = false;
  private failures = 0;
  private restarts = -1;
  private startedAt = 0;
  private isStopping = false;
  private restartTimer: NodeJS.Timeout | undefined;
  private readonly readyWaiters: (() => void)[] = [];

  constructor(
    readonly spec: ServiceSpec,
    private readonly watchers: Watchers,
  ) {
    this.start();
  }

  state(): ServiceState {
    const running = this.isReady ? 'ready' : 'starting';
    const idle = this.isStopping ? 'stopped' : 'waiting';
    return { name: this.spec.name, state: this.child ? running : idle, pid: this.child?.pid, restarts: this.restarts };
  }

  /** Waits until the service has said that it is ready; tells whether it has within the time. */
  ready(timeoutMs: number): Promise<boolean> {
    if (this.isReady) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      this.readyWaiters.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  neverRestart(): void {
    this.isStopping = true;
    clearTimeout(this.restartTimer);
  }

  async stop(graceMs: number): Promise<void> {
    this.neverRestart();
    const { child } = this;
    if (!child) return;
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(killer);
  }

  private start(): void {
    const { command, args, env = process.env, cwd = process.cwd(), logFile } = this.spec;
    setAsideWhenLong(logFile);
    const log = openSync(logFile, 'a', 0o600);
    // Its own process group: Ctrl-C reaches the supervisor, which ends the services in order.
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', log, log, 'ipc'] });
    closeSync(log);
    this.child = child;
    this.isReady = false;
    this.restarts += 1;
    this.startedAt = Date.now();
    child.on('message', (message) => this.hear(message));
    let spawnFailure: Error | undefined;
    child.on('error', (error) => {
      spawnFailure ??= error;
      if (child.pid === undefined) void this.hasEnded(null, null, spawnFailure);
    });
    child.on('exit', (code, signal) => void this.hasEnded(code, signal));
  }

  private hear(message: unknown): void {
    const type = typeof message === 'object' && message !== null && 'type' in message ? message.type : message;
    if (type !== 'ready' || this.isReady) return;
    this.isReady = true;
    for (const resolve of this.readyWaiters.splice(0)) resolve();
  }

  private async hasEnded(code: number | null, signal: NodeJS.Signals | null, failure?: Error): Promise<void> {
    this.child = undefined;
    this.isReady = false;
    if (this.isStopping) return;
    this.failures = failuresInARow(this.failures, Date.now() - this.startedAt);
    const restartInMs = backOffMs(this.failures);
    this.restartTimer = setTimeout(() => {
      this.start();
      const { pid } = this.state();
      if (pid !== undefined) this.watchers.onRestart(pid);
    }, restartInMs);
    const lines = failure ? [failure.message] : await lastLines(this.spec.logFile, 5).catch(() => []);
    this.watchers.onCrash({ name: this.spec.name, code, signal, lastLines: lines, failures: this.failures, restartInMs });
  }
}
