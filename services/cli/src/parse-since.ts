import { CliError } from './cli-error.js';

const ago = /^(\d+)\s*(s|m|min|h|d|w)$/;
const unitMs: Record<string, number> = { s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const day = /^\d{4}-\d{2}-\d{2}$/;

/**
 * A point in time as people say it: an ISO date or instant (local time when it names no zone), a time ago such as `2h` or `30m`,
 * `now`, `today` or `yesterday` (its local midnight).
 * @returns the UTC instant
 * @throws CliError when it is none of these
 */
export function parseSince(text: string, now: number): string {
  const said = text.trim();
  const word = said.toLowerCase();
  const back = ago.exec(word);
  if (back) return new Date(now - Number(back[1]) * unitMs[back[2]!]!).toISOString();
  if (word === 'now') return new Date(now).toISOString();
  if (word === 'today') return midnight(now, 0).toISOString();
  if (word === 'yesterday') return midnight(now, -1).toISOString();
  const at = /^\d{4}-/.test(said) ? new Date(day.test(said) ? `${said}T00:00:00` : said) : new Date(Number.NaN);
  if (!Number.isNaN(at.getTime())) return at.toISOString();
  throw new CliError(`"${text}" is not a time: write 2h, 30m, yesterday, today or an ISO date such as 2026-11-22T08:00`);
}

function midnight(now: number, days: number): Date {
  const at = new Date(now);
  at.setHours(0, 0, 0, 0);
  at.setDate(at.getDate() + days);
  return at;
}
