/** A pattern that is none, or that cannot be matched in linear time. */
export interface PatternIssue {
  /** Character of the pattern at which the trouble begins, 0 for the first. */
  readonly at: number;
  readonly message: string;
}

/** What .NET means by a class letter, which looks at all of Unicode, in the engine's spelling; without brackets, for use inside a class. */
const classes: Readonly<Record<string, string>> = {
  w: '\\p{L}\\p{Mn}\\p{Nd}\\p{Pc}',
  W: '\\p{Mc}\\p{Me}\\p{Nl}\\p{No}\\p{Pd}\\p{Ps}\\p{Pe}\\p{Pi}\\p{Pf}\\p{Po}\\p{S}\\p{Z}\\p{C}',
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  s: '\\t-\\r\\x{85}\\p{Z}',
  S: '\\x{00}-\\x{08}\\x{0e}-\\x{1f}\\x{7f}-\\x{84}\\x{86}-\\x{9f}\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}\\p{Co}',
};

const refusedGroups: readonly (readonly [RegExp, string])[] = [
  [/^\(\?<?[=!]/, 'look-around is not supported: say in the pattern itself what stands around the match'],
  [/^\(\?>/, 'atomic groups are not supported'],
  [/^\(\?\(/, 'conditions inside a pattern are not supported'],
  [/^\(\?<\w*-\w+>/, 'balancing groups are not supported'],
];

const refusedEscapes: readonly (readonly [RegExp, string])[] = [
  [/^\\[1-9k]/, 'references back to a group are not supported'],
  [/^\\[bB]/, 'word boundaries are not supported: say which characters stand there, such as (^|\\W)'],
  [/^\\G/, '\\G is not supported'],
  [/^\\[QECXRK]/, 'this escape is not known'],
];

type Translated = { readonly text: string } | { readonly issue: PatternIssue };

/**
 * Rewrites a pattern of .NET's dialect for the engine, which is RE2's: the classes `\w`, `\d` and `\s` look at all of Unicode, `(?'name'…)`,
 * `\uXXXX`, `\cX`, `\e`, `\Z` and comments are respelled. What cannot be matched in linear time, or would be matched differently without a word, is
 * refused at its place. `$` is the end of the text; .NET also takes the place before a final line break.
 */
export function translatePattern(source: string): Translated {
  let text = '';
  for (let at = 0; at < source.length; ) {
    const step = source[at] === '[' ? bracketClass(source, at) : single(source.slice(at));
    if (typeof step === 'string') return { issue: { at, message: step } };
    if ('issue' in step) return { issue: step.issue };
    text += step.text;
    at += step.length;
  }
  return { text };
}

/** A translated piece and how much of the source it stands for; a text says why there is none. */
type Step = { readonly text: string; readonly length: number } | string;

function single(rest: string): Step {
  if (rest[0] === '\\') return escape(rest, false);
  if (rest.startsWith('(?')) return group(rest);
  const size = rest.codePointAt(0)! > 0xffff ? 2 : 1;
  return { text: rest.slice(0, size), length: size };
}

function group(rest: string): Step {
  const refused = refusedGroups.find(([form]) => form.test(rest));
  if (refused) return refused[1];
  const comment = /^\(\?#[^)]*\)/.exec(rest)?.[0];
  if (comment !== undefined) return { text: '', length: comment.length };
  const [named, name] = /^\(\?(?:<(\w+)>|'(\w+)')/.exec(rest)?.filter((part) => part !== undefined) ?? [];
  if (named !== undefined && name !== undefined) {
    if (/^\d/.test(name)) return 'the name of a group must not begin with a digit';
    return { text: `(?<${name}>`, length: named.length };
  }
  const options = /^\(\?[ims-]*[:)]/.exec(rest)?.[0];
  return options === undefined ? 'this kind of group is not supported' : { text: options, length: options.length };
}

function escape(rest: string, insideClass: boolean): Step {
  const sign = rest[1];
  if (sign === undefined) return 'a backslash at the end escapes nothing';
  if (insideClass && sign === 'b') return { text: '\\x{08}', length: 2 };
  const refused = refusedEscapes.find(([form]) => form.test(rest));
  if (refused) return refused[1];
  if (sign in classes) return { text: insideClass ? classes[sign]! : `[${classes[sign]!}]`, length: 2 };
  if (sign === 'u') return hexadecimal(rest, /^\\u([0-9a-fA-F]{4})/, 'four');
  if (sign === 'x') return hexadecimal(rest, /^\\x([0-9a-fA-F]{2})/, 'two');
  if (sign === 'c') return control(rest);
  if (sign === 'e') return { text: '\\x{1b}', length: 2 };
  if (sign === 'Z') return { text: '\\z', length: 2 };
  const property = /^\\[pP]\{\w+\}/.exec(rest)?.[0];
  if (property !== undefined) return { text: property, length: property.length };
  return { text: rest.slice(0, 2), length: 2 };
}

function hexadecimal(rest: string, form: RegExp, digits: string): Step {
  const [whole, code] = form.exec(rest) ?? [];
  return whole === undefined ? `expected ${digits} hexadecimal digits` : { text: `\\x{${code}}`, length: whole.length };
}

function control(rest: string): Step {
  const letter = /^\\c([A-Za-z])/.exec(rest)?.[1];
  if (letter === undefined) return 'expected a letter after \\c';
  return { text: `\\x{${(letter.toUpperCase().charCodeAt(0) - 64).toString(16)}}`, length: 3 };
}

/** A class in brackets. */
function bracketClass(source: string, start: number): Exclude<Step, string> | { readonly issue: PatternIssue } {
  const isNegated = source[start + 1] === '^';
  let text = isNegated ? '[^' : '[';
  let at = start + text.length;
  if (source[at] === ']') {
    text += '\\]';
    at++;
  }
  while (at < source.length && source[at] !== ']') {
    const rest = source.slice(at, at + 60);
    if (rest.startsWith('-[')) return { issue: { at, message: 'classes minus classes are not supported' } };
    const step: Step = rest[0] === '\\' ? escape(rest, true) : { text: rest[0] === '[' ? '\\[' : rest[0]!, length: 1 };
    if (typeof step === 'string') return { issue: { at, message: step } };
    text += step.text;
    at += step.length;
  }
  if (at >= source.length) return { issue: { at: start, message: 'expected a closing bracket of this class' } };
  return { text: `${text}]`, length: at + 1 - start };
}

/**
 * Group numbers as .NET gives them, to the engine's: groups without a name first, then those with one, each from the left; 0 is the whole.
 */
export function numberGroups(count: number, names: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  const named = new Set(Object.values(names));
  const all = Array.from({ length: count }, (_, index) => index + 1);
  const order = [0, ...all.filter((number) => !named.has(number)), ...[...named].sort((one, other) => one - other)];
  return new Map(order.map((number, index) => [String(index), number]));
}
