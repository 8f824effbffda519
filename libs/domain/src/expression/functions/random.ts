import type { Argument } from '../argument.js';
import { Fault } from '../fault.js';
import { type FunctionDefinition, defineFunction } from '../function-definition.js';
import { any, optional, text, whole } from '../parameter.js';

const longest = 256;
/** The character classes of the Windows password rules. */
const classes = {
  numbers: '0123456789',
  special: '~!@#$%^&*_-+=`|\\(){}[]:;"\'<>,.?/',
  capital: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  lower: 'abcdefghijklmnopqrstuvwxyz',
};

export const randomFunctions: FunctionDefinition[] = [
  defineFunction({
    name: 'Guid',
    needs: 'newId',
    summary: 'A new id, in lower case with hyphens. Only in mappings that apply on creation.',
    examples: [{ expression: 'Guid()', gives: '5f0c2d1e-9a44-4b7e-8c1d-2f6a7be01c93' }],
    evaluate: (_, __, { newId }) => newId!(),
  }),
  defineFunction({
    name: 'RandomString',
    parameters: [
      whole('length'),
      whole('minNumbers'),
      whole('minSpecial'),
      whole('minCapital'),
      whole('minLower'),
      optional(text('charactersToAvoid')),
    ],
    needs: 'random',
    summary: `Random text of that length, at most ${longest}, with at least so many digits, special characters, capitals and lower-case letters, and none of the characters to avoid. Only in mappings that apply on creation. In a job it follows from the change's id, so that evaluating twice gives the same: **no secret**.`,
    examples: [{ expression: 'RandomString(12, 2, 1, 2, 3, "O0")', gives: 'qW7#bkR9txzm' }],
    evaluate: ([length, ...rest], _, { random }) => {
      const [minNumbers, minSpecial, minCapital, minLower, avoided] = rest;
      const total = sizeOf(length, longest);
      const least = [minNumbers, minSpecial, minCapital, minLower].map((minimum) => sizeOf(minimum, total));
      if (least.reduce((sum, one) => sum + one, 0) > total)
        return length.fault('out-of-range', 'length of RandomString must be at least the sum of the minimums');
      const alphabets = Object.values(classes).map((signs) => Array.from(signs).filter((sign) => !avoided.text().includes(sign)));
      const wanted = alphabets.flatMap((signs, index) => Array.from({ length: least[index]! }, () => signs));
      const filled = [...wanted, ...Array.from({ length: total - wanted.length }, () => alphabets.flat())];
      return shuffled(
        filled.map((signs) => pick(signs, random!)),
        random!,
      ).join('');
    },
  }),
  defineFunction({
    name: 'SelectUniqueValue',
    parameters: [any('rule1')],
    repeats: [any('rule')],
    nullGivesNull: false,
    needs: 'isTaken',
    isOutermost: true,
    summary:
      'The first value that no account in the target has; empty values are passed over, and when all are taken the object fails. Must be the outermost function. **Not yet for jobs**: the rules cannot ask the target.',
    examples: [
      {
        expression: 'SelectUniqueValue(Join(".", [first], [last]), Join(".", Left([first], 1), [last]))',
        given: { first: 'noa', last: 'berg' },
        gives: 'noa.berg',
      },
    ],
    evaluate: ([rule1], others, { isTaken }) => {
      for (const rule of [rule1, ...others.map(([other]) => other)]) {
        const value = rule.text();
        if (value !== '' && !isTaken!(value)) return value;
      }
      throw new Fault('not-unique', 'every value of SelectUniqueValue is taken');
    },
  }),
];

function sizeOf(argument: Argument, most: number): number {
  const size = argument.integer();
  if (size >= 0n && size <= most) return Number(size);
  return argument.fault('out-of-range', `${argument.named} must be between 0 and ${most}`);
}

function pick(signs: readonly string[], random: (below: number) => number): string {
  if (signs.length === 0) throw new Fault('out-of-range', 'charactersToAvoid of RandomString leaves no character to choose from');
  return signs[random(signs.length)]!;
}

/** Fisher and Yates. */
function shuffled(signs: readonly string[], random: (below: number) => number): string[] {
  const mixed = [...signs];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = random(last + 1);
    [mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!];
  }
  return mixed;
}
