import { Entity } from 'typeorm';

import { IdKey, SequenceColumn } from '../columns.js';

export const identityKinds = ['source', 'target', 'matching'] as const;
export type IdentityKind = (typeof identityKinds)[number];

/** Every identifier under which an object was ever seen. */
@Entity('identity')
export class IdentityRow {
  /** At most `identityLength` characters; a matching value is folded to lower case. */
  @IdKey('value') value!: string;
  @IdKey('kind') kind!: IdentityKind;
  @IdKey('job_id') jobId!: string;
  @IdKey('object_key') objectKey!: string;
  @SequenceColumn('first_sequence') firstSequence!: number;
}

/** Longer identifiers are cut: an index entry has its limit. */
export const identityLength = 400;

/** The form in which an identifier is stored and looked up. */
export function identityValue(kind: IdentityKind, text: string): string {
  const cut = text.length > identityLength ? text.slice(0, identityLength).replace(/[\ud800-\udbff]$/, '') : text;
  return kind === 'matching' ? cut.toLowerCase() : cut;
}
