import { Entity } from 'typeorm';

import { IdKey, SequenceColumn } from '../columns.js';

export const identityKinds = ['source', 'target', 'matching', 'name'] as const;
export type IdentityKind = (typeof identityKinds)[number];

/** Every identifier under which an object was ever seen, and its names. */
@Entity('identity')
export class IdentityRow {
  /** At most `identityLength` characters; a matching value is folded to lower case, a name to letters without marks as well. */
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
  const folded = kind === 'name' ? withoutMarks(text) : text;
  const cut = folded.length > identityLength ? folded.slice(0, identityLength).replace(/[\ud800-\udbff]$/, '') : folded;
  return kind === 'matching' ? cut.toLowerCase() : cut;
}

/** `Zoë  Müller` and `zoe muller` are found by each other. */
const withoutMarks = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll('ς', 'σ') // which of the two it is depends on what follows
    .replace(/\s+/gu, ' ')
    .trim();

/** At most so many words of a name are beginnings of it. */
const wordsOfName = 4;

/** A name as it is looked up by its beginning: from each of its words on, so that a family name finds its people too. */
export function namesToLookUp(name: string): string[] {
  const words = identityValue('name', name)
    .split(' ')
    .filter((word) => word !== '');
  return words.slice(0, wordsOfName).map((_, start) => [...words.slice(start), ...words.slice(0, start)].join(' '));
}
