export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What an answer tells of the target's limits. */
export interface RateHeaders {
  /** How long the target wants to be left alone. */
  readonly retryAfterMs?: number;
  /** Requests in the present window, all and left. */
  readonly limit?: number;
  readonly remaining?: number;
  /** Until the next window. */
  readonly resetMs?: number;
  /** Length of a window. */
  readonly windowMs?: number;
}

/** Longest time that a target can ask for: a week. */
export const maxRetryAfterMs = 7 * 86_400_000;

/**
 * Milliseconds that the target wants to be left alone: whole or decimal seconds or a date, at most {@link maxRetryAfterMs}; undefined when it does not say.
 * @param now milliseconds since the epoch, where the answer does not tell what the target's own clock shows (`Date`)
 */
export function readRetryAfter(headers: AnswerHeaders, now: number): number | undefined {
  const text = textOf(headers['retry-after']);
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Math.ceil(Number(text) * 1_000), maxRetryAfterMs);
  const at = dateOf(text);
  return at === undefined ? undefined : Math.min(Math.max(at - clockOf(headers, now), 0), maxRetryAfterMs);
}

/** What the target's clock shows, as its answer says: its instants are of that clock, however wrong it is. */
const clockOf = (headers: AnswerHeaders, now: number): number => dateOf(textOf(headers['date'])) ?? now;

function dateOf(text: string): number | undefined {
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** Whether an answer may tell anything of limits; asked of every answer, so it is cheap. */
export const tellsOfRate = (headers: AnswerHeaders): boolean =>
  headers['retry-after'] !== undefined ||
  headers['ratelimit'] !== undefined ||
  headers['ratelimit-remaining'] !== undefined ||
  headers['x-ratelimit-remaining'] !== undefined ||
  headers['x-rate-limit-remaining'] !== undefined ||
  headers['x-ratelimit-reset'] !== undefined;

/**
 * Reads `Retry-After`, the three headers `RateLimit-…` of the older drafts, which many services send as `X-RateLimit-…` or `X-Rate-Limit-…`, and the two
 * of the newer (`RateLimit: "default";r=50;t=30` with `RateLimit-Policy: "default";q=100;w=60`). What cannot be read is left out.
 * @param now milliseconds since the epoch, for times that are given as dates by a target that does not say what its own clock shows
 */
export function readRateHeaders(headers: AnswerHeaders, now: number): RateHeaders {
  const named = (name: string): string =>
    textOf(headers[`ratelimit-${name}`] ?? headers[`x-ratelimit-${name}`] ?? headers[`x-rate-limit-${name}`]);
  const [ratelimit, policy] = [textOf(headers['ratelimit']), textOf(headers['ratelimit-policy'])];
  const retryAfterMs = readRetryAfter(headers, now);
  const limit = parameter(policy, 'q') ?? parameter(ratelimit, 'limit') ?? wholeOf(named('limit'));
  const remaining = parameter(ratelimit, 'r') ?? parameter(ratelimit, 'remaining') ?? wholeOf(named('remaining'));
  const reset = parameter(ratelimit, 't') ?? parameter(ratelimit, 'reset');
  const resetMs = reset === undefined ? resetOf(named('reset'), clockOf(headers, now)) : reset * 1_000;
  const windowS = parameter(policy, 'w') ?? parameter(named('limit'), 'w');
  return {
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(limit !== undefined && limit > 0 && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(resetMs !== undefined && { resetMs: Math.min(resetMs, maxRetryAfterMs) }),
    ...(windowS !== undefined && windowS > 0 && { windowMs: windowS * 1_000 }),
  };
}

const textOf = (value: string | readonly string[] | undefined): string => (typeof value === 'string' ? value : (value?.[0] ?? '')).trim();

/** The first whole number; `100, 100;w=60` is 100. */
function wholeOf(text: string): number | undefined {
  const digits = /^(\d{1,12})\b/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function parameter(text: string, name: string): number | undefined {
  const digits = new RegExp(`(?:^|[;,\\s])${name}=(\\d{1,12})\\b`).exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const year2001 = 1e9;

/** Seconds from now, or seconds or milliseconds since the epoch, or a date: services do not agree. */
function resetOf(text: string, now: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    if (number >= year2001 * 1_000) return Math.max(0, number - now);
    return number >= year2001 ? Math.max(0, number * 1_000 - now) : Math.ceil(number * 1_000);
  }
  const at = dateOf(text);
  return at === undefined ? undefined : Math.max(0, at - now);
}
