import type { Command } from 'commander';

import { ApiClient } from './api-client.js';
import { CliError, messageOf } from './cli-error.js';
import { findMachineToken } from './machine-token.js';
import { defaultPort, likelyDataFolders } from './places.js';
import { findRunFile, isRunning } from './run-file.js';
import { type SecretInput, secretInputOf } from './read-secret.js';
import type { Paint, Screen } from './screen.js';
import { painter, screenOn } from './screen.js';

/** What a command has around it. */
export interface Cli {
  /** Answers. */
  readonly out: Screen;
  /** Refusals, and whatever must not disturb a program that reads the answers. */
  readonly err: Screen;
  readonly secrets: SecretInput;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly timeZone: string | undefined;
  readonly now: () => number;
  readonly paint: (style: Paint, text: string) => string;
}

/** Adds one command to the program. */
export type AddCommand = (program: Command, cli: Cli, end: (status: number) => void) => void;

export function cliOf(process: NodeJS.Process): Cli {
  const { stdout, stderr, env } = process;
  const out = screenOn(stdout);
  return {
    out,
    err: screenOn(stderr),
    secrets: secretInputOf(process),
    env,
    cwd: process.cwd(),
    timeZone: undefined,
    now: () => Date.now(),
    paint: painter(out, env),
  };
}

export const print = (screen: Screen, text: string): void => screen.write(`${text}\n`);
export const printJson = (cli: Cli, view: unknown): void => print(cli.out, JSON.stringify(view, null, 2));

/** The API: where PROVIDENT_URL says, else where a `provident up` of this folder or repository listens. Signed in with PROVIDENT_TOKEN. */
export async function findApi(cli: Cli): Promise<ApiClient> {
  const { url, token } = await findWay(cli);
  const reveals = cli.env['PROVIDENT_REVEAL'] === 'true';
  const api = new ApiClient(url, token, undefined, reveals);
  if (!reveals) return api;
  // Whoever may not would be shown "(sealed)" without a word; that they tried is told to the API all the same.
  const { name, permissions } = await api.me();
  if (permissions.secure === undefined) throw new CliError(`${name} may not see sensitive values: that is for security administrators`);
  return api;
}

interface Way {
  readonly url: string;
  readonly token: string | undefined;
}

async function findWay(cli: Cli): Promise<Way> {
  const { PROVIDENT_URL: said, PROVIDENT_TOKEN: token } = cli.env;
  if (said) return { url: checkedUrl(said), token: token || undefined };
  for (const folder of likelyDataFolders(cli.cwd)) {
    const run = await findRunFile(folder);
    // Who may read the data folder may do everything with it anyway.
    if (run && isRunning(run)) return { url: run.url, token: token || (await findMachineToken(folder)) };
  }
  return { url: `http://127.0.0.1:${defaultPort}`, token: token || undefined };
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && /^https?:$/.test(url.protocol)) return url.origin;
  throw new CliError(`PROVIDENT_URL is "${text}", which is not an http(s) address such as http://127.0.0.1:${defaultPort}`);
}

export interface JsonOption {
  readonly json?: boolean;
}

/**
 * The action of a command: what it throws becomes one line and an exit status.
 * @param work returns the exit status, or nothing for success
 */
export function action<Args extends readonly unknown[]>(
  cli: Cli,
  end: (status: number) => void,
  work: (...args: Args) => Promise<number | void>,
) {
  return async (...args: [...Args, ...unknown[]]): Promise<void> => {
    try {
      end((await work(...(args as unknown as Args))) ?? 0);
    } catch (error) {
      end(report(cli, error, wantsJson(args)));
    }
  };
}

/** Commander hands options over after the arguments, and the command itself last. */
const wantsJson = (args: readonly unknown[]): boolean => (args.at(-2) as JsonOption | undefined)?.json === true;

function report(cli: Cli, error: unknown, json: boolean): number {
  const known = error instanceof CliError;
  if (json) printJson(cli, { error: { code: known ? error.code : 'unexpected', message: messageOf(error) } });
  print(cli.err, known ? error.message : unexpected(cli, error));
  return known ? error.status : 1;
}

/** Errors of `@provident/embedded` are written for people too; a stack is shown to those who ask for one. */
function unexpected(cli: Cli, error: unknown): string {
  if (error instanceof Error && error.name === 'EmbeddedError') return error.message;
  if (cli.env['PROVIDENT_DEBUG'] && error instanceof Error) return error.stack ?? error.message;
  return `unexpected: ${messageOf(error)} (PROVIDENT_DEBUG=1 shows more)`;
}
