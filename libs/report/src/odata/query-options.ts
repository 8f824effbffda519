import { createHash } from 'node:crypto';

import { z } from 'zod';

import { parseCursor, printCursor } from '../cursor.js';
import { BadQuery } from './bad-query.js';
import type { Condition } from './filter.js';
import { parseFilter } from './parse-filter.js';
import type { Resource } from './resource.js';

/** Names of the options that are supported, in the order of the documentation. */
export const queryOptions = ['$filter', '$orderby', '$top', '$skiptoken', '$count', '$select'] as const;
type OptionName = (typeof queryOptions)[number];

export const usualTop = 100;
export const largestTop = 1_000;

/** What is asked of a collection. */
export interface ODataQuery {
  readonly filter: Condition | null;
  readonly descending: boolean;
  /** 0 to `largestTop`. */
  readonly top: number;
  /** Sort key of the last item of the page before: its instant and its place in the log. */
  readonly after: readonly [at: string, sequence: number] | null;
  readonly count: boolean;
  /** Members that are shown, spelt as on the wire; null for all. */
  readonly select: readonly string[] | null;
  /** Tells this question from another: a token is only good for its own. */
  readonly question: string;
}

const Token = z.tuple([z.iso.datetime(), z.int(), z.string()]);

/**
 * Reads the options of a collection. Their names count in any case of letters and without `$`; anything unknown is refused.
 * @throws BadQuery
 */
export function readQuery(given: Readonly<Record<string, unknown>>, resource: Resource): ODataQuery {
  const options = named(given);
  const filter = options.get('$filter');
  const descending = isDescending(options.get('$orderby'));
  const question = createHash('sha256')
    .update(JSON.stringify([filter ?? '', descending]))
    .digest('base64url')
    .slice(0, 12);
  return {
    filter: filter === undefined ? null : parseFilter(filter),
    descending,
    top: topOf(options.get('$top')),
    after: placeOf(options.get('$skiptoken'), question),
    count: isCounted(options.get('$count')),
    select: membersOf(options.get('$select'), resource),
    question,
  };
}

export const skipTokenBehind = (at: string, sequence: number, { question }: ODataQuery): string => printCursor([at, sequence, question]);

function named(given: Readonly<Record<string, unknown>>): Map<OptionName, string> {
  const options = new Map<OptionName, string>();
  for (const [name, value] of Object.entries(given)) {
    const known = queryOptions.find((option) => option === name.toLowerCase() || option === `$${name.toLowerCase()}`);
    if (!known) throw new BadQuery(name, `this option is not supported; supported: ${queryOptions.join(', ')}`);
    if (typeof value !== 'string' || options.has(known)) throw new BadQuery(known, 'may be given once');
    options.set(known, value);
  }
  return options;
}

function isDescending(text = 'activityDateTime desc'): boolean {
  const order = /^\s*activityDateTime(?:\s+(asc|desc))?\s*$/i.exec(text);
  if (!order)
    throw new BadQuery('$orderby', `${JSON.stringify(text)} is not supported; supported: activityDateTime asc, activityDateTime desc`);
  return order[1]?.toLowerCase() === 'desc';
}

function topOf(text: string | undefined): number {
  if (text === undefined) return usualTop;
  if (!/^\d{1,9}$/.test(text)) throw new BadQuery('$top', `must be a whole number from 0; more than ${largestTop} counts as ${largestTop}`);
  return Math.min(Number(text), largestTop);
}

function placeOf(text: string | undefined, question: string): ODataQuery['after'] {
  if (text === undefined) return null;
  const [at, sequence, asked] = parseCursor(Token, text);
  if (asked !== question)
    throw new BadQuery('$skiptoken', 'belongs to another $filter or $orderby: use it only as part of the link that it came in');
  return [at, sequence];
}

function isCounted(text = 'false'): boolean {
  if (!/^(true|false)$/i.test(text)) throw new BadQuery('$count', 'must be true or false');
  return text.toLowerCase() === 'true';
}

function membersOf(text: string | undefined, { members }: Resource): readonly string[] | null {
  if (text === undefined) return null;
  return text.split(',').map((each) => {
    const name = each.trim();
    const member = members.find((known) => known.toLowerCase() === name.toLowerCase());
    if (member === undefined) throw new BadQuery('$select', `unknown member ${JSON.stringify(name)}; supported: ${members.join(', ')}`);
    return member;
  });
}
