import { BadRequest } from './bad-request.js';

/** What somebody asks to change is no longer what they have seen. */
export class Outdated extends Error {
  override readonly name = 'Outdated';
}

/** The name of a job's revision for `If-Match`. Weak: it says nothing of how the answer is written. */
export const revisionTag = (revision: number): string => `W/"${revision}"`;

/**
 * Holds a change against the revision that its sender has seen; without the header, or with `*`, any will do.
 * @throws Outdated, BadRequest
 */
export function assertMatches(ifMatch: string | undefined, revision: number): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const named = ifMatch.split(',').map((tag) => /^\s*(?:W\/)?"(\d{1,10})"\s*$/.exec(tag)?.[1]);
  if (named.includes(undefined))
    throw new BadRequest(`the header If-Match is not understood: give the ETag of the schema, such as ${revisionTag(revision)}`);
  if (!named.includes(String(revision)))
    throw new Outdated(`the job is at revision ${revision} by now: read it again, and say again what you want`);
}
