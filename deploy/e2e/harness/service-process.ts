import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The services that do the work, in the order in which they are started. */
export const pipeline = ['job-scheduler', 'importer', 'rule-evaluator', 'exporter', 'escrow-retrier'] as const;
export type ServiceName = (typeof pipeline)[number] | 'audit-projector' | 'report-api' | 'audit-streamer';

const restartMs = 200;
const readyMs = 90_000;
const graceMs = 9_000;

const root = findRoot(process.cwd());
export const mainOf = (service: string): string => join(root, 'services', service, 'dist', 'service.mjs');
/** As the supervisor gives its services one. */
const compileCache = join(root, '.cache', 'compile');

/** One instance of a built service. When it ends without having been asked to, it is started again under the same name, as the supervisor does. */
export class ServiceProcess {
  private child: ChildProcess | null = null;
  private wanted = true;
  private killed = false;
  private timer: NodeJS.Timeout | undefined;
  private becameReady: () => void = () => undefined;
  private ready: Promise<void>;
  /** Ends that nobody asked for. */
  readonly crashes: string[] = [];

  constructor(
    readonly service: ServiceName,
    readonly instance: string,
    private readonly env: NodeJS.ProcessEnv,
    readonly logFile: string,
  ) {
    if (!existsSync(mainOf(service))) throw new Error(`${mainOf(service)} is not there: run \`npm run build\` first`);
    this.ready = this.start();
  }

  /** Resolves once the present process has said that it is ready. */
  async untilReady(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.instance} is not ready; see ${this.logFile}`)), readyMs);
    });
    await Promise.race([this.ready, late]).finally(() => clearTimeout(timer));
  }

  /** Resolves once the process that runs now has ended. */
  async untilGone(): Promise<void> {
    const { child } = this;
    if (child) await new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, restartMs + 50)); // its successor is being started
  }

  /** Another process of the same name, for one that was killed for good. */
  successor(): ServiceProcess {
    return new ServiceProcess(this.service, this.instance, this.env, this.logFile);
  }

  /** Of the process that runs now. */
  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  get isRunning(): boolean {
    return this.child !== null;
  }

  /** @returns false when there is no process at the moment */
  kill(signal: NodeJS.Signals = 'SIGKILL', { forGood = false } = {}): boolean {
    if (forGood) this.wanted = false;
    this.killed = true;
    return this.child?.kill(signal) ?? false;
  }

  /** Lets the process stand still for so long, as a machine that is short of everything does. @returns false when there is no process at the moment */
  async pause(ms: number): Promise<boolean> {
    const { child } = this;
    if (!child?.kill('SIGSTOP')) return false;
    await new Promise((resolve) => setTimeout(resolve, ms));
    child.kill('SIGCONT');
    return true;
  }

  async stop(): Promise<void> {
    this.wanted = false;
    clearTimeout(this.timer);
    const { child } = this;
    if (!child) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(killer);
  }

  private start(): Promise<void> {
    const log = openSync(this.logFile, 'a');
    const child = fork(mainOf(this.service), {
      execPath: process.execPath,
      execArgv: [],
      env: { NODE_COMPILE_CACHE: compileCache, ...process.env, ...this.env, PROVIDENT_INSTANCE: this.instance },
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.child = child;
    this.killed = false;
    child.on('message', () => this.becameReady());
    child.on('exit', (code, signal) => this.ended(code, signal));
    return new Promise((resolve) => {
      this.becameReady = resolve;
    });
  }

  private ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.child = null;
    if (this.wanted && !this.killed) this.crashes.push(`${this.instance} ended by itself (${signal ?? code})`);
    if (this.wanted) this.timer = setTimeout(() => void (this.ready = this.start()), restartMs);
  }
}

/** The folder above that holds the services: the tests may be started from anywhere inside the repository. */
function findRoot(folder: string): string {
  if (existsSync(join(folder, 'services', 'job-scheduler'))) return folder;
  if (dirname(folder) === folder) throw new Error('start the tests inside the repository');
  return findRoot(dirname(folder));
}
