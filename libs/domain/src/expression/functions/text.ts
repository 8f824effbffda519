import { defineFunction } from '../function-definition.js';
import { any, choice, optional, text, whole } from '../parameter.js';
import { type Value, isList } from '../value.js';

/** Characters as Unicode counts them, so that nothing is cut in half. */
const charactersOf = (value: string): string[] => Array.from(value);
const part = (value: string, from: number, to?: number): string => charactersOf(value).slice(from, to).join('');
/** A whole number as an index; one that is too large for any text stays so. */
const index = (value: bigint): number => Number(value);

const caseFunction = (name: string, example: string, gives: string, change: (value: string, culture?: string) => string) =>
  defineFunction({
    name,
    parameters: [text('source'), optional(text('culture'))],
    summary: `The text in ${name === 'ToLower' ? 'lower' : 'upper'} case, by the rules of a culture such as \`tr-TR\`, else of none.`,
    examples: [{ expression: example, gives }],
    check: ({ args: [, culture] }) =>
      culture?.kind !== 'text' || isCulture(culture.value)
        ? []
        : [{ at: culture.at, message: `${JSON.stringify(culture.value)} is not the name of a culture` }],
    evaluate: ([source, culture]) => {
      const tag = culture.text();
      return isCulture(tag)
        ? change(source.text(), tag)
        : culture.fault('bad-value', `${JSON.stringify(tag)} is not the name of a culture`);
    },
  });

function isCulture(name: string): boolean {
  try {
    return name === '' || Intl.getCanonicalLocales(name).length === 1;
  } catch {
    return false;
  }
}

export const textFunctions = [
  defineFunction({
    name: 'Append',
    parameters: [text('source'), text('suffix')],
    summary: 'The source followed by the suffix. A null source or suffix gives null.',
    examples: [{ expression: 'Append([mailNickname], "-stg")', given: { mailNickname: 'mira.k' }, gives: 'mira.k-stg' }],
    evaluate: ([source, suffix]) => source.text() + suffix.text(),
  }),
  defineFunction({
    name: 'Prepend',
    parameters: [text('prefix'), text('source')],
    summary: 'The source after the prefix. A null source or prefix gives null.',
    examples: [{ expression: 'Prepend("ext-", [mailNickname])', given: { mailNickname: 'mira.k' }, gives: 'ext-mira.k' }],
    evaluate: ([prefix, source]) => prefix.text() + source.text(),
  }),
  defineFunction({
    name: 'Left',
    parameters: [text('string'), whole('numChars')],
    nullGivesNull: false,
    summary: 'The first characters. 0 gives `""`, a negative number the text unchanged, a null text `""`.',
    examples: [
      { expression: 'Left("Katherine", 4)', gives: 'Kath' },
      { expression: 'Left("👍ok", 1)', gives: '👍' },
    ],
    evaluate: ([string, numChars]) => {
      const count = numChars.integer();
      return count < 0n ? string.text() : part(string.text(), 0, index(count));
    },
  }),
  defineFunction({
    name: 'Len',
    parameters: [text('string')],
    nullGivesNull: false,
    summary: 'The number of characters, as Unicode counts them: an emoji is one. Null gives 0.',
    examples: [
      { expression: 'Len("Ada")', gives: '3' },
      { expression: 'Len("Zoë👍")', gives: '4' },
    ],
    evaluate: ([string]) => BigInt(charactersOf(string.text()).length),
  }),
  defineFunction({
    name: 'Mid',
    parameters: [text('source'), whole('start'), whole('length')],
    summary:
      'So many characters from the start on, 1 for the first; up to the end where it has fewer. A start beyond the end gives `""`; one below 1 and a negative length are errors.',
    examples: [
      { expression: 'Mid("Katherine", 3, 4)', gives: 'ther' },
      { expression: 'Mid("Katherine", 8, 9)', gives: 'ne' },
      { expression: 'Mid("Katherine", 20, 2)', gives: '' },
    ],
    evaluate: ([source, start, length]) => {
      const [from, count] = [start.integer(), length.integer()];
      if (from < 1n) return start.fault('out-of-range', 'start of Mid must be 1 or more');
      if (count < 0n) return length.fault('out-of-range', 'length of Mid must not be negative');
      return part(source.text(), index(from) - 1, index(from) - 1 + index(count));
    },
  }),
  defineFunction({
    name: 'InStr',
    parameters: [
      text('value1'),
      text('value2'),
      optional(whole('start')),
      optional(choice('compareType', ['vbBinaryCompare', 'vbTextCompare'])),
    ],
    nullGivesNull: false,
    summary:
      'The place of the first `value2` in `value1`, 1 for the first character, searched from the start on; 0 when there is none or one of them is null. `vbTextCompare` ignores case; without it case counts. An empty `value2` is found at the start.',
    examples: [
      { expression: 'InStr("provision", "vis")', gives: '4' },
      { expression: 'InStr("provision", "zzz")', gives: '0' },
      { expression: 'InStr("Provision", "PRO", , vbTextCompare)', gives: '1' },
    ],
    evaluate: ([value1, value2, start, compareType]) => {
      const ignoresCase = compareType.choice('vbBinaryCompare') === 'vbTextCompare';
      const from = start.integer(1n);
      if (from < 1n) return start.fault('out-of-range', 'start of InStr must be 1 or more');
      if (value1.isNull() || value2.isNull()) return 0n;
      const fold = (value: string): string[] => charactersOf(value).map((sign) => (ignoresCase ? sign.toLowerCase() : sign));
      return placeOf(fold(value1.text()), fold(value2.text()).join(''), index(from) - 1);
    },
  }),
  defineFunction({
    name: 'StripSpaces',
    parameters: [text('source')],
    summary: 'The text without its spaces (U+0020). Other white space stays.',
    examples: [{ expression: 'StripSpaces("a b  c")', gives: 'abc' }],
    evaluate: ([source]) => source.text().replaceAll(' ', ''),
  }),
  defineFunction({
    name: 'Trim',
    parameters: [any('value')],
    summary: 'The text without white space at its ends; of a list, every text.',
    examples: [{ expression: 'Trim("  Ada ")', gives: 'Ada' }],
    evaluate: ([value]) => {
      const values = value.value();
      return isList(values) ? values.map(trimmed) : value.text().trim();
    },
  }),
  caseFunction('ToLower', 'ToLower("Rhea.OK")', 'rhea.ok', (value, culture) =>
    culture ? value.toLocaleLowerCase(culture) : value.toLowerCase(),
  ),
  caseFunction('ToUpper', 'ToUpper("rhea")', 'RHEA', (value, culture) =>
    culture ? value.toLocaleUpperCase(culture) : value.toUpperCase(),
  ),
  defineFunction({
    name: 'Word',
    parameters: [text('string'), whole('wordNumber'), text('delimiters')],
    nullGivesNull: false,
    summary:
      'The n-th word, 1 for the first. Every character of the delimiters separates words, and several in a row separate once. A number below 1, a null text and too few words give `""`.',
    examples: [
      { expression: 'Word("ops|eu;west", 2, "|;")', gives: 'eu' },
      { expression: 'Word("a,,b", 2, ",")', gives: 'b' },
      { expression: 'Word("ops", 2, "|")', gives: '' },
    ],
    evaluate: ([string, wordNumber, delimiters]) => {
      const number = wordNumber.integer();
      return number < 1n ? '' : (wordsIn(string.text(), new Set(charactersOf(delimiters.text())))[index(number) - 1] ?? '');
    },
  }),
  defineFunction({
    name: 'DNComponent',
    parameters: [text('dn'), whole('number')],
    summary:
      'The value of the n-th part of a distinguished name, from the left, 1 for the first; null when it has fewer. A backslash escapes the next character, or two hexadecimal digits.',
    examples: [{ expression: 'DNComponent([dn], 1)', given: { dn: 'cn=Lena,ou=Ops,dc=x' }, gives: 'Lena' }],
    evaluate: ([dn, number]) => {
      const wanted = number.integer();
      if (wanted < 1n) return number.fault('out-of-range', 'number of DNComponent must be 1 or more');
      const component = dn.text().match(/(?:\\.|[^,\\])+/gs)?.[index(wanted) - 1];
      return component === undefined ? null : unescaped(component.slice(component.indexOf('=') + 1).trim());
    },
  }),
];

/** In which sign the sought text begins, 1 for the first; a sign may be longer than one character once its case is folded. */
function placeOf(signs: readonly string[], sought: string, from: number): bigint {
  if (from >= signs.length) return 0n;
  let length = 0;
  const starts = signs.map((sign) => (length += sign.length) - sign.length);
  const at = signs.join('').indexOf(sought, starts[from]);
  return at < 0 ? 0n : BigInt(starts.findLastIndex((start) => start <= at) + 1);
}

function trimmed(value: Value): Value {
  return typeof value === 'string' ? value.trim() : isList(value) ? value.map(trimmed) : value;
}

function wordsIn(value: string, separators: ReadonlySet<string>): string[] {
  const words = [''];
  for (const sign of charactersOf(value)) {
    if (separators.has(sign)) words.push('');
    else words[words.length - 1] += sign;
  }
  return words.filter((word) => word !== '');
}

/** RFC 4514: two hexadecimal digits are a byte of UTF-8, any other escaped character is itself. */
function unescaped(value: string): string {
  return value
    .replace(/(?:\\[0-9a-fA-F]{2})+/g, (escapes) =>
      new TextDecoder().decode(Uint8Array.from(escapes.slice(1).split('\\'), (byte) => Number.parseInt(byte, 16))),
    )
    .replace(/\\(.)/gs, '$1');
}
