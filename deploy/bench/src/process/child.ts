import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import { BenchError } from '../bench-error.js';

const readyWithinMs = 60_000;
const graceMs = 15_000;

export interface ChildOptions {
  readonly name: string;
  readonly main: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly logFile: string;
}

/**
 * A Node process that tells by a first message that it is ready, may answer questions, and ends when its channel does.
 * Its end before it was asked to is told to `onLoss`.
 */
export class Child {
  readonly name: string;
  readonly pid: number;
  private readonly process: ChildProcess;
  private readonly messages: unknown[] = [];
  private heard: () => void = () => undefined;
  private isEnding = false;
  private readonly ended: Promise<void>;

  constructor(
    private readonly options: ChildOptions,
    onLoss: (error: BenchError) => void,
  ) {
    this.name = options.name;
    const log = openSync(options.logFile, 'a', 0o600);
    // A process group of its own: Ctrl-C reaches the bench alone, which ends everything in order.
    this.process = fork(options.main, options.args ?? [], {
      env: options.env ?? process.env,
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      execArgv: [],
    });
    closeSync(log);
    this.pid = this.process.pid ?? -1;
    this.process.on('message', (message) => {
      this.messages.push(message);
      this.heard();
    });
    this.process.on('error', (error) => onLoss(new BenchError(`${this.name} cannot run: ${error.message}`)));
    this.ended = new Promise((resolve) =>
      this.process.once('exit', (code, signal) => {
        resolve();
        if (!this.isEnding) void this.lost(signal ?? `status ${code}`).then(onLoss);
      }),
    );
  }

  /** @returns the message by which it said so @throws BenchError when it does not come */
  ready(): Promise<unknown> {
    return this.next(readyWithinMs);
  }

  async ask<Answer>(question: unknown, withinMs = readyWithinMs): Promise<Answer> {
    this.process.send(question as object);
    return (await this.next(withinMs)) as Answer;
  }

  async next(withinMs: number): Promise<unknown> {
    const deadline = performance.now() + withinMs;
    while (this.messages.length === 0) {
      const left = deadline - performance.now();
      if (left <= 0) throw new BenchError(`${this.name} said nothing for ${Math.round(withinMs / 1000)} s`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.heard = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.messages.shift();
  }

  async stop(): Promise<void> {
    if (this.isEnding) return this.ended;
    this.isEnding = true;
    if (this.process.exitCode !== null || this.process.signalCode !== null || this.process.pid === undefined) return;
    this.process.kill('SIGTERM');
    const killer = setTimeout(() => this.process.kill('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(killer);
  }

  private async lost(how: string): Promise<BenchError> {
    const log = await readFile(this.options.logFile, 'utf8').catch(() => '');
    const last = log.trimEnd().split('\n').slice(-8).join('\n');
    return new BenchError(`${this.name} ended by itself (${how}):\n${last}`);
  }
}
