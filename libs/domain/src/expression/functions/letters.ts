import { defineFunction } from '../function-definition.js';
import { optional, text } from '../parameter.js';

/** Letters that no accent explains. */
const replacements: Readonly<Record<string, string>> = { æ: 'ae', Æ: 'AE', ø: 'oe', Ø: 'OE', ß: 'ss', ẞ: 'SS', ł: 'l', Ł: 'L', ı: 'i' };

export const letterFunctions = [
  defineFunction({
    name: 'NormalizeDiacritics',
    parameters: [text('source')],
    summary:
      'Latin letters without their accents; `æ` becomes `ae`, `ø` and `œ` with a macron `oe`, `ß` `ss`, `ł` `l`, `ı` `i`. Umlauts become single letters. `ð`, `đ`, `þ`, `ħ`, plain `œ` and every other script stay as they are.',
    examples: [
      { expression: 'NormalizeDiacritics("Łucja Ångström")', gives: 'Lucja Angstrom' },
      { expression: 'NormalizeDiacritics("Đặng Straße Юлий")', gives: 'Đang Strasse Юлий' },
    ],
    evaluate: ([source]) => source.text().replace(/\p{L}\p{M}*/gu, withoutAccents),
  }),
  defineFunction({
    name: 'PCase',
    parameters: [text('source'), optional(text('wordSeparators'))],
    summary:
      "The first letter of each word in upper case, the rest in lower. Words are separated by exactly the characters of `wordSeparators`; without any, by white space, punctuation and symbols, of which the apostrophe is none: `O'DELL` becomes `O'dell`, as in .NET.",
    examples: [
      { expression: 'PCase("MARY-ANN O\'DELL", " -\'")', gives: "Mary-Ann O'Dell" },
      { expression: 'PCase("MARY-ANN O\'DELL")', gives: "Mary-Ann O'dell" },
      { expression: 'PCase("élodie ångström")', gives: 'Élodie Ångström' },
    ],
    evaluate: ([source, wordSeparators]) => {
      const given = wordSeparators.text();
      return titleCase(source.text(), given === '' ? separatesWords : (sign) => given.includes(sign));
    },
  }),
];

function withoutAccents(letter: string): string {
  const [base = '', ...accents] = letter.normalize('NFD');
  if (base === 'œ' || base === 'Œ') return accents.includes('\u0304') ? { œ: 'oe', Œ: 'OE' }[base] : letter;
  return replacements[base] ?? (/[A-Za-z]/.test(base) ? base : letter);
}

const separatesWords = (sign: string): boolean => /[\p{Z}\p{Cc}\p{Cf}\p{P}\p{S}]/u.test(sign) && sign !== "'" && sign !== '’';

function titleCase(value: string, separates: (sign: string) => boolean): string {
  let begins = true;
  return Array.from(value)
    .map((sign) => {
      const isFirst = begins && /\p{L}/u.test(sign);
      if (separates(sign)) begins = true;
      else if (isFirst) begins = false;
      return isFirst ? sign.toUpperCase() : sign.toLowerCase();
    })
    .join('');
}
