import { canonicalJson } from '../../object/canonical-json.js';
import { defineFunction } from '../function-definition.js';
import { any, list, optional, text, whole } from '../parameter.js';
import { type Value, isEmpty, limited, passedOn, textOrNull } from '../value.js';

const longestList = 10_000;

export const listFunctions = [
  defineFunction({
    name: 'Count',
    parameters: [list('attribute')],
    nullGivesNull: false,
    summary: 'The number of values. Null gives 0, a single value 1.',
    examples: [{ expression: 'Count([otherMails])', given: { otherMails: ['a@x', 'b@x', 'c@x'] }, gives: '3' }],
    evaluate: ([attribute]) => BigInt(attribute.list().length),
  }),
  defineFunction({
    name: 'Item',
    parameters: [list('attribute'), whole('index')],
    summary: 'The value in that place, 1 for the first. A place that the list does not have is an error; a null attribute gives null.',
    examples: [{ expression: 'Item([otherMails], 2)', given: { otherMails: ['a@x', 'b@x'] }, gives: 'b@x' }],
    evaluate: ([attribute, index]) => {
      const values = attribute.list();
      const place = index.integer();
      if (place >= 1n && place <= values.length) return values[Number(place) - 1]!;
      return index.fault('out-of-range', `index of Item must be between 1 and ${values.length}, found ${place}`);
    },
  }),
  defineFunction({
    name: 'Contains',
    parameters: [list('attribute'), any('value')],
    nullGivesNull: false,
    summary: 'The place of a value in a list, 1 for the first; 0 when it is not there. Compared as text; case counts.',
    examples: [{ expression: 'Contains([otherMails], "b@x")', given: { otherMails: ['a@x', 'b@x'] }, gives: '2' }],
    evaluate: ([attribute, value]) => BigInt(attribute.list().findIndex((item) => sameForm(item, value.value())) + 1),
  }),
  defineFunction({
    name: 'Join',
    parameters: [text('separator')],
    repeats: [optional(list('source'))],
    nullGivesNull: false,
    summary:
      'All values with the separator between them; of a list, each of its values. Null and empty ones leave neither text nor separator; when nothing is left the result is `""`.',
    examples: [
      { expression: 'Join("/", "HQ", [building], [room])', given: { building: 'B2', room: '114' }, gives: 'HQ/B2/114' },
      { expression: 'Join("-", [a], [b])', given: { a: null, b: ['x', 'y'] }, gives: 'x-y' },
    ],
    evaluate: ([separator], sources) => {
      const texts = sources.flatMap(([source]) => source.list().map((item) => textOrNull(item) ?? (item === null ? '' : source.text())));
      const kept = texts.filter((item) => item !== '');
      limited(kept.reduce((length, item) => length + item.length + separator.text().length, 0));
      return kept.join(separator.text());
    },
  }),
  defineFunction({
    name: 'Split',
    parameters: [text('source'), optional(text('delimiter'))],
    summary:
      'The parts of a text as a list. Without a delimiter it is split at commas. White space around each part is removed, an empty part stays, and empty text gives an empty list.',
    examples: [
      { expression: 'Split("red,green", ",")', gives: ['red', 'green'] },
      { expression: 'Split("red , green")', gives: ['red', 'green'] },
    ],
    evaluate: ([source, delimiter]) => {
      const joined = source.text();
      const between = delimiter.isNull() ? ',' : delimiter.text();
      const parts = between === '' ? [joined] : joined.split(between);
      if (parts.length > longestList) return source.fault('too-large', `the list would have more than ${longestList} values`);
      return joined.trim() === '' ? [] : parts.map((one) => one.trim());
    },
  }),
  defineFunction({
    name: 'RemoveDuplicates',
    parameters: [list('attribute')],
    summary: 'The list without the values that it has already had. The first of each stays in its place; case counts.',
    examples: [{ expression: 'RemoveDuplicates([tags])', given: { tags: ['a', 'b', 'a'] }, gives: ['a', 'b'] }],
    evaluate: ([attribute]) => {
      const forms = attribute.list().map(formOf);
      return attribute.list().filter((_, index) => forms.indexOf(forms[index]!) === index);
    },
  }),
];

const formOf = (value: Value): string => canonicalJson(passedOn(value));
const sameForm = (one: Value, other: Value): boolean => !isEmpty(other) && formOf(one) === formOf(other);
