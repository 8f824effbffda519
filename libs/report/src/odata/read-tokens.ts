import { z } from 'zod';

import { BadQuery } from './bad-query.js';
import type { Literal } from './filter.js';

/** One word or sign of a `$filter`. */
export interface Token {
  readonly kind: 'name' | 'sign' | 'literal' | 'end';
  readonly text: string;
  readonly at: number;
  readonly literal?: Literal;
}

const option = '$filter';
const blank = /\s+/y;
/** A qualified enumeration value is its text: the type says nothing that the property does not. */
const qualified = /[A-Za-z_][\w.]*(?=')/y;
const name = /[A-Za-z_@][\w.]*(?:\/[A-Za-z_][\w.]*)*/y;
const instant = /\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?/iy;
const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const quoted = /'((?:[^']|'')*)'/y;
const sign = /[(),:]/y;
const key = /[\w.:+-]*/y;

const Instant = z.union([z.iso.datetime({ offset: true }), z.iso.date().transform((day) => `${day}T00:00:00Z`)]);

/** Words and signs in their order, the last of kind `end`. @throws BadQuery */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const take = (token: Omit<Token, 'at'>, length: number): void => {
    tokens.push({ ...token, at });
    at += length;
  };
  const literal = (type: Literal['type'], value: Literal['value'], length: number): void =>
    take({ kind: 'literal', text: text.slice(at, at + length), literal: { kind: 'literal', type, value, at } }, length);

  for (;;) {
    at += match(blank)?.[0].length ?? 0;
    if (at >= text.length) return [...tokens, { kind: 'end', text: '', at }];
    const prefix = match(qualified)?.[0].length ?? 0;
    const start = at;
    at += prefix;
    const string = match(quoted);
    at = start;
    if (string) {
      if (string[1]!.includes('\0')) throw new BadQuery(option, 'a text must not hold the character NUL', at);
      literal('text', string[1]!.replaceAll("''", "'"), prefix + string[0].length);
      continue;
    }
    if (prefix > 0 || text[at] === "'") throw new BadQuery(option, 'this text has no closing quote; a quote inside is written twice', at);
    const time = match(instant);
    if (time) {
      literal('instant', instantOf(time[0], at), time[0].length);
      refuseRest(text, at, start);
      continue;
    }
    const digits = match(number);
    if (digits) {
      literal('number', numberOf(digits[0], at), digits[0].length);
      refuseRest(text, at, start);
      continue;
    }
    const word = match(name);
    if (word) {
      const constant = constants.get(word[0].toLowerCase());
      if (constant !== undefined) literal(constant === null ? 'null' : 'boolean', constant, word[0].length);
      else take({ kind: 'name', text: word[0] }, word[0].length);
      continue;
    }
    if (!match(sign)) throw new BadQuery(option, `${JSON.stringify(text[at])} is not understood here`, at);
    take({ kind: 'sign', text: text[at]! }, 1);
  }
}

const constants = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function instantOf(text: string, at: number): string {
  const { success, data } = Instant.safeParse(text.toUpperCase());
  if (!success || data.startsWith('0000'))
    throw new BadQuery(option, `${text} is no instant; write 2026-03-02T09:00:00Z or 2026-03-02`, at);
  return data;
}

function numberOf(text: string, at: number): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new BadQuery(option, `${text} is too large`, at);
  return value;
}

/** `6f1c1f2e-…` is neither a number nor a name: most likely an id without its quotes. */
function refuseRest(text: string, at: number, start: number): void {
  key.lastIndex = at;
  if (key.exec(text)![0] !== '') throw new BadQuery(option, 'this is no value; texts and ids stand in single quotes', start);
}
