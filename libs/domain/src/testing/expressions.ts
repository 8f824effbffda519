import * as fc from 'fast-check';

import { type Call, type Expression, comparisonOperators } from '../expression/expression.js';
import type { ExpressionContext } from '../expression/expression-context.js';
import { functionDefinitions } from '../expression/functions/index.js';

const names = fc.constantFrom(...functionDefinitions.map(({ name }) => name), 'switch', 'NoSuchFunction');
const attributeNames = fc.constantFrom(
  'userName',
  'title',
  'department',
  'active',
  'emails[type eq "work"].value',
  '__proto__',
  'constructor',
  'Größe',
);
const texts = fc.oneof(
  fc.constantFrom(
    '',
    '"',
    '\\',
    '\\"',
    'a',
    'True',
    '12',
    '2024-02-10',
    '(?<n>\\w+)',
    '(?=a)',
    'yyyy-MM-dd',
    '${n}',
    'ww',
    'é👍',
    'tr-TR',
    'QQBkAGEA',
  ),
  fc.string({ maxLength: 8, unit: 'grapheme' }),
);
const isWord = (word: string): boolean => !['true', 'false'].includes(word.toLowerCase());

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.record({ kind: fc.constant('attribute' as const), name: attributeNames, at: fc.constant(0) }),
  fc.record({ kind: fc.constant('text' as const), value: texts, at: fc.constant(0) }),
  fc.record({ kind: fc.constant('number' as const), value: fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), at: fc.constant(0) }),
  fc.record({ kind: fc.constant('number' as const), value: fc.bigInt({ min: -2n, max: 9n }), at: fc.constant(0) }),
  fc.record({ kind: fc.constant('boolean' as const), value: fc.boolean(), at: fc.constant(0) }),
  fc.record({
    kind: fc.constant('keyword' as const),
    name: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,6}$/).filter(isWord),
    at: fc.constant(0),
  }),
  fc.record({ kind: fc.constant('omitted' as const), at: fc.constant(0) }),
);

const isSide = ({ kind }: Expression): boolean => kind !== 'omitted' && kind !== 'comparison';

const trees = fc.letrec<{ call: Call; argument: Expression; comparison: Expression }>((tie) => ({
  call: fc
    .record({
      kind: fc.constant('call' as const),
      name: names,
      args: fc.array(tie('argument'), { maxLength: 7 }),
      at: fc.constant(0),
    })
    .filter(({ args }) => args.length !== 1 || args[0]!.kind !== 'omitted'), // `F()` has no argument
  argument: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'tree' },
    { weight: 5, arbitrary: leaf },
    { weight: 3, arbitrary: tie('call') },
    tie('comparison'),
  ),
  comparison: fc.record({
    kind: fc.constant('comparison' as const),
    operator: fc.constantFrom(...comparisonOperators),
    left: fc.oneof({ maxDepth: 4, depthIdentifier: 'tree' }, leaf, tie('call')).filter(isSide),
    right: fc.oneof({ maxDepth: 4, depthIdentifier: 'tree' }, leaf, tie('call')).filter(isSide),
    at: fc.constant(0),
  }),
}));

/** Any tree that an expression can be read as, sensible or not. Every place is 0. */
export const expressionTree = (): fc.Arbitrary<Call> => trees.call;

/** The tree with every place set to 0. */
export function withoutPlaces(node: Expression): Expression {
  if (node.kind === 'call') return { ...node, args: node.args.map(withoutPlaces), at: 0 };
  if (node.kind === 'comparison') return { ...node, left: withoutPlaces(node.left), right: withoutPlaces(node.right), at: 0 };
  return { ...node, at: 0 };
}

/** Everything that a function may ask for: it is 2026-11-03 09:05:07, chance is a counter, and only `taken` is taken. */
export function expressionContext(): Required<ExpressionContext> {
  let drawn = 0;
  return {
    now: '2026-11-03T09:05:07.000Z',
    random: (below) => drawn++ % below,
    newId: () => '5f0c2d1e-9a44-4b7e-8c1d-2f6a7be01c93',
    isTaken: (value) => value === 'taken',
    defaultDomain: 'harbor.example',
  };
}
