import type { FunctionView } from '@provident/contracts/http';

/** Something that may stand at the caret. */
export interface Completion {
  readonly kind: 'function' | 'attribute';
  readonly label: string;
  /** Signature of a function, type of an attribute. */
  readonly detail: string;
  /** What is written in place of what was typed. */
  readonly insert: string;
}

export interface Completions {
  /** What was typed so far: characters of the text that a choice replaces. */
  readonly from: number;
  readonly to: number;
  readonly options: readonly Completion[];
}

export interface KnownAttribute {
  readonly name: string;
  readonly type: string;
}

const atMost = 12;
const nothing = (at: number): Completions => ({ from: at, to: at, options: [] });

/**
 * What may stand at a place of an expression: attributes of the source behind an opening bracket, functions where a name begins. Those that begin with
 * what was typed come first, then those that hold it. Inside a text in quotes nothing is offered. Pure.
 */
export function completionsAt(
  text: string,
  caret: number,
  functions: readonly FunctionView[],
  attributes: readonly KnownAttribute[],
): Completions {
  const before = text.slice(0, caret);
  const where = placeIn(before);
  if (where === 'text') return nothing(caret);
  if (where !== 'outside') {
    const closing = /^[^[\]",()]*\]/.exec(text.slice(caret))?.[0].length ?? 0;
    const typed = before.slice(where.bracket + 1);
    return {
      from: where.bracket,
      to: caret + closing,
      options: fitting(attributes, typed, ({ name, type }) => ({ kind: 'attribute', label: name, detail: type, insert: `[${name}]` })),
    };
  }
  const [typed] = /[A-Za-z]*$/.exec(before)!;
  const hasBracket = /^\s*\(/.test(text.slice(caret));
  return {
    from: caret - typed.length,
    to: caret,
    options: fitting(functions, typed, ({ name, signature }) => ({
      kind: 'function',
      label: name,
      detail: signature,
      insert: hasBracket ? name : `${name}(`,
    })),
  };
}

function fitting<Known extends { readonly name: string }>(
  known: readonly Known[],
  typed: string,
  completionOf: (known: Known) => Completion,
): Completion[] {
  const sought = typed.toLowerCase();
  const begins = known.filter(({ name }) => name.toLowerCase().startsWith(sought));
  const holds = known.filter(({ name }) => !name.toLowerCase().startsWith(sought) && name.toLowerCase().includes(sought));
  return [...begins, ...holds].slice(0, atMost).map(completionOf);
}

/** Whether the end of a piece of an expression lies in a text, in a name of an attribute that begins at `bracket`, or neither. */
function placeIn(before: string): 'text' | 'outside' | { readonly bracket: number } {
  let quoted = false;
  let depth = 0;
  let bracket = 0;
  for (let at = 0; at < before.length; at++) {
    const character = before[at];
    if (depth === 0 && quoted && character === '\\') at++;
    else if (depth === 0 && character === '"') quoted = !quoted;
    else if (!quoted && character === '[') {
      if (depth === 0) bracket = at;
      depth++;
    } else if (!quoted && character === ']' && depth > 0) depth--;
  }
  if (quoted) return 'text';
  return depth > 0 ? { bracket } : 'outside';
}

/** The function whose arguments stand around a place, the innermost one; undefined outside of any. */
export function callAround(text: string, caret: number, functions: readonly FunctionView[]): FunctionView | undefined {
  const before = text.slice(0, caret).replaceAll(/"(?:\\.|[^"\\])*"/g, (quoted) => ' '.repeat(quoted.length));
  let depth = 0;
  for (let at = before.length - 1; at >= 0; at--) {
    if (before[at] === ')') depth++;
    else if (before[at] === '(' && depth > 0) depth--;
    else if (before[at] === '(') {
      const [name] = /[A-Za-z]*$/.exec(before.slice(0, at).trimEnd())!;
      return functions.find((each) => each.name.toLowerCase() === name.toLowerCase());
    }
  }
  return undefined;
}
