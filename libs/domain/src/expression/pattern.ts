import { RE2JS, RE2JSException } from 're2js';

import { Fault } from './fault.js';
import { type PatternIssue, numberGroups, translatePattern } from './translate-pattern.js';

/** One place where a pattern matched. */
export interface PatternMatch {
  /** Character at which it begins, and the one after its end. */
  readonly start: number;
  readonly end: number;
  /** Text of a group, by number in .NET's order or by name; null when it took no part, undefined when there is none. */
  group(key: string): string | null | undefined;
  /** Where a named group stands; null when it took no part. */
  span(name: string): { readonly start: number; readonly end: number } | null;
  /** Text of the last group. */
  readonly lastGroup: string;
}

/** A regular expression of .NET's dialect, matched in linear time. */
export interface Pattern {
  readonly groupNames: readonly string[];
  /** Whether the whole text matches, from its first to its last character. */
  matchesWhole(text: string): boolean;
  /** Every match, from the left. */
  matches(text: string): Iterable<PatternMatch>;
}

export type CompiledPattern =
  | { readonly pattern: Pattern; readonly issue?: never }
  | { readonly issue: PatternIssue; readonly pattern?: never };

const largestProgram = 2_000;
const remembered = new Map<string, CompiledPattern>();

/** Reads a pattern. The same text is compiled once: rules apply the same few patterns to every object. */
export function compilePattern(source: string): CompiledPattern {
  const known = remembered.get(source);
  if (known) return known;
  if (remembered.size >= 500) remembered.clear();
  const compiled = compile(source);
  remembered.set(source, compiled);
  return compiled;
}

/** @throws Fault `bad-pattern` */
export function patternOf(source: string): Pattern {
  const compiled = compilePattern(source);
  if (!compiled.issue) return compiled.pattern;
  throw new Fault('bad-pattern', patternIssueText(compiled.issue));
}

/** `character 3 of the pattern: look-around is not supported …` */
export const patternIssueText = ({ at, message }: PatternIssue): string => `character ${at + 1} of the pattern: ${message}`;

function compile(source: string): CompiledPattern {
  const translated = translatePattern(source);
  if ('issue' in translated) return translated;
  try {
    const regex = RE2JS.compile(translated.text);
    if (regex.programSize() > largestProgram) return { issue: { at: 0, message: 'the pattern is too large' } };
    return { pattern: patternFrom(regex) };
  } catch (error) {
    if (error instanceof RE2JSException) return { issue: issueOf(error, source) };
    throw error;
  }
}

/** The engine names the part that it does not understand, not its place. */
function issueOf(error: RE2JSException, source: string): PatternIssue {
  const { error: what = error.message, input } = error as { error?: string; input?: string | null };
  const at = input ? source.indexOf(input) : -1;
  return { at: Math.max(0, at), message: at >= 0 ? `${what}: ${input}` : what };
}

function patternFrom(regex: RE2JS): Pattern {
  const names: Record<string, number> = regex.namedGroups();
  const numbers = numberGroups(regex.groupCount(), names);
  return {
    groupNames: Object.keys(names),
    matchesWhole: (text) => regex.testExact(text),
    *matches(text) {
      const matcher = regex.matcher(text);
      while (matcher.find()) {
        yield {
          start: matcher.start(),
          end: matcher.end(),
          group: (key) => {
            const number = Object.hasOwn(names, key) ? names[key] : numbers.get(key);
            return number === undefined ? undefined : matcher.group(number);
          },
          span: (name) => (matcher.start(name) < 0 ? null : { start: matcher.start(name), end: matcher.end(name) }),
          lastGroup: matcher.group(numbers.get(String(numbers.size - 1))!) ?? '',
        };
      }
    },
  };
}
