import * as fc from 'fast-check';

import type { ImportedPair, TargetAccount, TargetSide } from '../evaluation/evaluation.js';
import type { ObjectMapping, ScopeClause } from '../job/job-definition.js';
import type { AttributeBag, AttributeValue } from '../object/attributes.js';
import { scopeOperators } from '../scope/operators.js';
import { objectMapping } from './builders.js';

const scalar = (): fc.Arbitrary<string | number | boolean | null> =>
  fc.oneof(
    fc.constantFrom('', 'a', 'A', 'Finance', 'true', 'FALSE', '1', '01', 'Ä'),
    fc.string({ maxLength: 5 }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );

/** Any value a system may hold, with those that only look different among them. */
export const attributeValue = (): fc.Arbitrary<AttributeValue> =>
  fc.oneof(
    { weight: 4, arbitrary: scalar() },
    { weight: 1, arbitrary: fc.array(scalar(), { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('value', 'type', 'primary'), scalar(), { maxKeys: 3 }) },
  );

const names = ['userName', 'title', 'department', 'active', 'emails[type eq "work"].value', '__proto__', 'constructor'];

/** Few names, so that two bags overlap. */
export const attributeBag = (): fc.Arbitrary<AttributeBag> => fc.dictionary(fc.constantFrom(...names), attributeValue(), { maxKeys: 5 });

export const scopeClause = (): fc.Arbitrary<ScopeClause> =>
  fc.record(
    {
      attribute: fc.constantFrom(...names),
      operator: fc.constantFrom(...scopeOperators),
      value: fc.oneof(fc.constantFrom('a', 'Finance', '1'), fc.integer(), fc.boolean()),
    },
    { requiredKeys: ['attribute', 'operator'] },
  );

const removal = (): fc.Arbitrary<'disable' | 'delete' | 'ignore'> => fc.constantFrom('disable', 'delete', 'ignore');

/** Rules over the names of `attributeBag`; userName is the matching attribute. */
export const objectRules = (): fc.Arbitrary<ObjectMapping> =>
  fc
    .record({
      actions: fc.subarray<ObjectMapping['actions'][number]>(['create', 'update', 'disable', 'delete']),
      scope: fc.array(
        fc.record({ name: fc.constantFrom('Staff', 'Guests'), all: fc.array(scopeClause(), { minLength: 1, maxLength: 2 }) }),
        {
          maxLength: 2,
        },
      ),
      active: fc.option(scopeClause(), { nil: undefined }),
      removals: fc.record({ outOfScope: removal(), inactive: removal(), deleted: removal() }),
      title: fc.record({
        required: fc.boolean(),
        caseExact: fc.boolean(),
        apply: fc.constantFrom('always' as const, 'on-create' as const),
      }),
    })
    .map(({ title, active, ...rules }) =>
      objectMapping({
        ...rules,
        ...(active && { active }),
        attributes: [
          { target: 'userName', source: 'userName', matching: 1, required: true },
          { target: 'title', source: 'title', ...title },
          { target: 'active', source: 'active', default: true },
          { target: 'department', constant: 'Finance' },
        ],
      }),
    );

const targetAccount = (id: string): fc.Arbitrary<TargetAccount> =>
  fc.record({ id: fc.constant(id), attributes: attributeBag(), state: fc.constantFrom('active', 'disabled', 'unknown') });

/** What an importer may find in the target: nothing, one, several, a linked account, or a link to none. */
export const anyTargetSide = (): fc.Arbitrary<TargetSide> =>
  fc
    .tuple(fc.constantFrom('absent', 'matched', 'several', 'linked', 'vanished'), targetAccount('a-1'), targetAccount('a-2'))
    .map(([situation, one, other]) => {
      const matches = { absent: [], matched: [one], several: [one, other], linked: [one], vanished: [] }[situation]!;
      const linkedId = situation === 'linked' || situation === 'vanished' ? 'a-1' : null;
      const by = linkedId !== null ? 'link' : matches.length > 0 ? 'matching' : 'none';
      return { by, matches, linkedId, tried: [] };
    });

export const importedPair = (): fc.Arbitrary<ImportedPair> =>
  fc.record({
    source: fc.record({ change: fc.constantFrom('added', 'updated', 'deleted', 'again'), attributes: attributeBag() }),
    target: anyTargetSide(),
  });
