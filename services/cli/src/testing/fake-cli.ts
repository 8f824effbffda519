import type { Cli } from '../cli.js';
import type { Screen } from '../screen.js';

/** A screen that keeps what is written on it. */
export class PaperScreen implements Screen {
  text = '';

  constructor(
    readonly isTTY = false,
    readonly columns = Number.POSITIVE_INFINITY,
  ) {}

  write(text: string): void {
    this.text += text;
  }
}

export const noon = Date.parse('2026-11-22T12:00:00.000Z');

/** A command line without a process around it: it is noon, the zone is UTC. */
export function fakeCli(
  env: NodeJS.ProcessEnv = {},
  cwd = '/',
  typed = '',
): Cli & { readonly out: PaperScreen; readonly err: PaperScreen } {
  const secrets = { read: async () => typed, ask: async () => typed };
  return { out: new PaperScreen(), err: new PaperScreen(), secrets, env, cwd, timeZone: 'UTC', now: () => noon, paint: (_, text) => text };
}
