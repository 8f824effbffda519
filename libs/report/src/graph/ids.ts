import { createHash } from 'node:crypto';

/** What of a job Graph names by a GUID. It follows from the job's id alone, so that it stays whatever is changed in the job. */
export type IdentifiedPart =
  | 'service-principal'
  | 'application'
  | 'source-system'
  | 'target-system'
  | 'rule'
  | 'source-directory'
  | 'target-directory';

const named = (part: IdentifiedPart): string => `provident/${part}/`;

/** A GUID of version 8: from a hash. */
export function partId(part: IdentifiedPart, jobId: string): string {
  const hex = createHash('md5')
    .update(named(part) + jobId)
    .digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}

/** The same as an SQL expression. */
export const partIdSql = (part: IdentifiedPart, jobId: string): string =>
  `overlay(overlay(md5('${named(part)}' || ${jobId}) placing '8' from 13) placing '8' from 17)::uuid::text`;
