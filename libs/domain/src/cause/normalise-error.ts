/** Stands for whatever differs from person to person. */
const blank = '…';
const longest = 300;
/** What a system says beyond this is not looked at. */
const longestRead = 2_000;

/** What is known of the person whom an error is about, so that it can be taken out of the error's words. */
export interface KnownWords {
  /** Values of the person: whatever of them stands in the text is taken out. */
  readonly values?: readonly string[];
  /** Names that say what is wrong, and stay even in quotation marks: attributes, mostly. */
  readonly names?: readonly string[];
  /** Numbers that are the same for everybody and stay, such as an HTTP status. */
  readonly numbers?: readonly number[];
}

/**
 * The words of an error without what differs from one person to the next: values, identifiers, addresses, distinguished names, numbers. Two
 * failures for one reason read the same, and nothing in the text tells of anybody. Idempotent.
 * @returns one line of at most 300 characters, in which `…` stands for what was taken out
 */
export function normaliseError(message: string, { values = [], names = [], numbers = [] }: KnownWords = {}): string {
  const kept = new Set([...jsonTypes, ...names.map((name) => name.toLowerCase())]);
  const statuses = new Set(numbers.map(String));
  // Somebody's id may be 400: what is the same for everybody stays the same for that person, too.
  const telling = values.filter((value) => !statuses.has(value.trim()) && !kept.has(value.trim().toLowerCase()));
  const text = withoutValues(wordsOfJson(message.slice(0, longestRead)), telling)
    .replace(/\b[a-z][a-z+.-]*:\/\/[^\s"'<>]+/gi, blank)
    .replace(/[^\s"'<>(),;:=[\]{}]+@[^\s"'<>(),;:=[\]{}]+/g, blank)
    .replace(distinguishedName, blank)
    .replace(quoted, (whole, ...inside: readonly (string | undefined)[]) => {
      const word = inside.slice(0, quotes).find((each) => each !== undefined) ?? '';
      return kept.has(word.toLowerCase()) ? whole : blank;
    })
    .replace(/[^\s"'(),;<>[\]{}]*[\d\\][^\s"'(),;<>[\]{}]*/g, (token) => withoutNumber(token, statuses))
    .replace(/\b[A-Za-z0-9+/_-]{32,}={0,2}/g, blank);
  return shorten(text);
}

const jsonTypes = [
  'string',
  'boolean',
  'integer',
  'decimal',
  'number',
  'array',
  'object',
  'complex',
  'reference',
  'binary',
  'datetime',
  'null',
];

/** `CN=Jane Doe,OU=People,DC=example,DC=org`: only the last part may not hold a blank, or a sentence that follows would be taken for it. */
const distinguishedName = /\b(?:(?:cn|ou|dc|uid|o|l|st|c|mail|sn)=[^,=]+,\s*)*(?:cn|ou|dc|uid|o|l|st|c|mail|sn)=[^\s,;"')]+/gi;

/** Quotation marks of several kinds; an apostrophe inside a word is none. */
const quoted = /"([^"]*)"|“([^”]*)”|«([^»]*)»|`([^`]*)`|(?<![\p{L}\d])'([^']*)'(?![\p{L}\d])/gu;
const quotes = 5;

/** What an error that came as JSON says, without its braces: the code and the words of its first entry. Anything else stays as it is. */
function wordsOfJson(message: string): string {
  const start = message.search(/[[{]\s*[[{"]/);
  if (start < 0) return message;
  const json = message.slice(start);
  const code = /"(?:errorCode|code|scimType|error)"\s*:\s*"([A-Za-z][\w.-]*)"/i.exec(json)?.[1];
  const words = /"(?:message|detail|error_description|description|title|reason)"\s*:\s*"((?:[^"\\]|\\.)*)/i.exec(json)?.[1];
  if (code === undefined && words === undefined) return message;
  return `${message.slice(0, start)}${[code, words?.replace(/\\(.)/g, '$1')].filter(Boolean).join(': ')}`;
}

/** Short values are everyday words too often: they stay, unless something else gives them away. */
const shortestValue = 3;
const everyday = new Set(['true', 'false', 'null', 'none', 'user', 'active', 'value']);

function withoutValues(text: string, values: readonly string[]): string {
  const parts = values.flatMap((value) => [value, ...(value.includes('@') ? [value.slice(0, value.indexOf('@'))] : [])]);
  const telling = [...new Set(parts.map((part) => part.trim()))]
    .filter((part) => part.length >= shortestValue && !everyday.has(part.toLowerCase()))
    .sort((one, other) => other.length - one.length);
  return telling.reduce((rest, value) => {
    const escaped = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return rest.replace(new RegExp(`(?<![\\p{L}\\d])${escaped}(?![\\p{L}\\d])`, 'giu'), blank);
  }, text);
}

/** A token with digits is an identifier, an amount or an address; the sentence's own stop behind it is not part of it. */
function withoutNumber(token: string, statuses: ReadonlySet<string>): string {
  const [, word = token, stop = ''] = /^(.*?)([.:!?]*)$/s.exec(token) ?? [];
  return statuses.has(word) ? token : `${blank}${stop}`;
}

/** On one line, runs of blanks made one, and a word that was cut off left out. */
function shorten(text: string): string {
  const line = text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/\p{L}+…$/u, blank)
    .replace(/…(?:[\s,;/|+_-]*…)+/g, blank)
    .replace(/["'“”«»`]…["'“”«»`]/g, blank)
    .trim();
  return line.length > longest ? `${line.slice(0, longest - 1).replace(/\s?\S*$/, '')}${blank}` : line;
}
