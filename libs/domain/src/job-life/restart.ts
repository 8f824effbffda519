/**
 * What a restart lets go of. `quarantine`: the count of failures in a row, and with it the quarantine. `escrows`: failed objects that wait for a retry.
 * `watermark`: how far the source was read, so that the next cycle takes everything up again. `links`: which account belongs to whom, so that everybody
 * is matched anew; it takes the watermark with it. `removals`: held removals are done.
 */
export const restartScopes = ['quarantine', 'escrows', 'watermark', 'links', 'removals'] as const;
export type RestartScope = (typeof restartScopes)[number];

/** Of a restart that names none: everything is read and tried anew, links and held removals stay. */
export const usualScopes: readonly RestartScope[] = ['quarantine', 'escrows', 'watermark'];

/** The scopes that a restart has, each once and in order. Pure. */
export function scopesOf(asked: readonly RestartScope[]): RestartScope[] {
  const wanted = new Set(asked.length === 0 ? usualScopes : asked);
  if (wanted.has('links')) wanted.add('watermark');
  return restartScopes.filter((scope) => wanted.has(scope));
}

/** Code of the failure with which a restart ends the import of the open cycle: it says nothing of the job's health. */
export const restartedCode = 'restarted';
