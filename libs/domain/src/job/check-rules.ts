import { isEmptyValue, textOf } from '../object/attributes.js';
import { bitOperators, patternOperators, unaryOperators } from '../scope/operators.js';
import { compilePattern, patternIssueText } from '../expression/pattern.js';
import { checkMappingExpression } from './check-mapping-expression.js';
import { type Issue, type IssuePath, issueAt } from './issue.js';
import { type AttributeMapping, durationMs, type JobDefinition, type ObjectMapping, type ScopeClause } from './job-definition.js';
import { retentionKinds } from './retention.js';

/** How two target paths lie to each other: both lead to one place, or one to a part of what the other leads to. */
export type PathsMeet = (one: string, other: string) => 'same' | 'within' | null;

const sameText: PathsMeet = (one, other) => (one === other ? 'same' : null);

/** What a schema cannot see: rules that contradict each other or cannot mean what they say. */
export function checkRules(definition: JobDefinition, pathsMeet: PathsMeet = sameText): Issue[] {
  const objects = definition.objects.flatMap((rules, index) => {
    const path = ['objects', index];
    return [
      ...checkType(rules, definition.objects.slice(0, index), path),
      ...checkMappings(rules.attributes, [...path, 'attributes'], pathsMeet),
      ...checkClauses(rules, path),
    ];
  });
  return [...objects, ...checkDurations(definition)];
}

function checkType({ type, nested, removals, attributes }: ObjectMapping, earlier: readonly ObjectMapping[], path: IssuePath): Issue[] {
  const isGroup = type === 'group';
  return [
    ...(earlier.some((other) => other.type === type)
      ? [issueAt([...path, 'type'], `"${type}" has rules already: each kind of object once`)]
      : []),
    ...(isGroup
      ? attributes.flatMap(({ target }, index) =>
          /^members\b/i.test(target)
            ? [issueAt([...path, 'attributes', index, 'target'], 'members of groups are written by themselves: no mapping writes them')]
            : [],
        )
      : []),
    ...(nested !== undefined && !isGroup ? [issueAt([...path, 'nested'], 'only groups have members')] : []),
    ...Object.entries(removals).flatMap(([situation, removal]) =>
      isGroup && removal === 'disable'
        ? [issueAt([...path, 'removals', situation], 'a group cannot be disabled: choose "delete" or "ignore"')]
        : [],
    ),
  ];
}

function checkMappings(mappings: readonly AttributeMapping[], path: IssuePath, pathsMeet: PathsMeet): Issue[] {
  const none = mappings.every(({ matching }) => matching === undefined);
  return [
    ...(none ? [issueAt(path, 'no mapping has "matching": without a matching attribute no account can be found')] : []),
    ...mappings.flatMap((mapping, index) => checkTarget(mapping, mappings.slice(0, index), [...path, index, 'target'], pathsMeet)),
    ...mappings.flatMap((mapping, index) => checkMapping(mapping, mappings.slice(0, index), [...path, index])),
  ];
}

function checkTarget({ target }: AttributeMapping, earlier: readonly AttributeMapping[], path: IssuePath, pathsMeet: PathsMeet): Issue[] {
  const meeting = earlier.map((other) => ({ other: other.target, how: pathsMeet(target, other.target) })).find(({ how }) => how !== null);
  if (!meeting) return [];
  const { other, how } = meeting;
  if (how === 'within') return [issueAt(path, `"${target}" and "${other}" overlap: map the whole attribute or its parts, not both`)];
  const spelled = other === target ? '' : `, above as "${other}"`;
  return [issueAt(path, `"${target}" is mapped twice${spelled}: a target attribute takes one mapping`)];
}

function checkMapping(mapping: AttributeMapping, earlier: readonly AttributeMapping[], path: IssuePath): Issue[] {
  const { matching, source, constant, expression, reference } = mapping;
  const issues: [boolean, string, string][] = [
    [
      matching !== undefined && earlier.some((other) => other.matching === matching),
      'matching',
      `precedence ${matching} is given twice: the order would be left to chance`,
    ],
    [
      matching !== undefined && source === undefined && expression === undefined,
      'matching',
      'only a mapping with "source" or "expression" can find an account: a fixed value would find the same one for everybody',
    ],
    [constant !== undefined && isEmptyValue(constant), 'constant', 'an empty constant writes nothing'],
    [
      reference !== undefined && mapping.required,
      'required',
      'a reference cannot be required: accounts that refer to each other would never be created',
    ],
    [reference !== undefined && mapping.default !== undefined, 'default', 'a reference takes no default: it names an account, or nothing'],
    [
      reference !== undefined && mapping.apply === 'on-create',
      'apply',
      'a reference is written once both accounts exist: "on-create" would never write it',
    ],
    [
      mapping.referenceType !== undefined && reference === undefined,
      'referenceType',
      'only a mapping with "reference" refers to an object',
    ],
  ];
  const found = issues.filter(([applies]) => applies).map(([, key, message]) => issueAt([...path, key], message));
  return [...found, ...checkMappingExpression(mapping, path)];
}

function checkClauses({ scope, active }: ObjectMapping, path: IssuePath): Issue[] {
  const groups = scope.flatMap(({ all }, group) =>
    all.flatMap((clause, index) => checkClause(clause, [...path, 'scope', group, 'all', index])),
  );
  return [...groups, ...(active ? checkClause(active, [...path, 'active']) : [])];
}

function checkClause({ operator, value }: ScopeClause, path: IssuePath): Issue[] {
  if (unaryOperators.has(operator)) return value === undefined ? [] : [issueAt([...path, 'value'], `${operator} takes no value`)];
  if (value === undefined) return [issueAt(path, `${operator} needs a "value" to compare with`)];
  if (value === '') return [issueAt([...path, 'value'], `${operator} with an empty value never holds; use IS NULL or IS NOT NULL`)];
  const needsInteger = operator === 'GREATER_THAN' || operator === 'GREATER_THAN_OR_EQUALS';
  if (needsInteger && !/^-?\d+$/.test(textOf(value)))
    return [issueAt([...path, 'value'], `${operator} compares whole numbers, found ${JSON.stringify(value)}`)];
  if (bitOperators.has(operator) && !/^0*[1-9]\d*$/.test(textOf(value)))
    return [issueAt([...path, 'value'], `${operator} looks for the bits of a whole number from 1, found ${JSON.stringify(value)}`)];
  if (!patternOperators.has(operator)) return [];
  const { issue } = compilePattern(textOf(value));
  return issue ? [issueAt([...path, 'value'], patternIssueText(issue))] : [];
}

const longest = '3650d';

function checkDurations({ schedule, retry, target, retention = {} }: JobDefinition): Issue[] {
  return [
    ...retentionKinds.flatMap((kind) => checkKeptFor(retention[kind], ['retention', kind])),
    ...(target.rate?.limits ?? []).flatMap(({ per }, index) => checkDuration(per, '1s', ['target', 'rate', 'limits', index, 'per'])),
    ...checkDuration(schedule.every, '10s', ['schedule', 'every']),
    ...(schedule.drift ? checkDuration(schedule.drift.every, '1m', ['schedule', 'drift', 'every']) : []),
    ...retry.after.flatMap((after, index) => checkDuration(after, retry.after[index - 1] ?? '1s', ['retry', 'after', index], index > 0)),
    ...checkDuration(retry.thenEvery, '1s', ['retry', 'thenEvery']),
    ...checkDuration(retry.giveUpAfter, '1s', ['retry', 'giveUpAfter']),
  ];
}

const checkKeptFor = (text: string | undefined, path: IssuePath): Issue[] =>
  text === undefined || text === 'forever' ? [] : checkDuration(text, '1d', path);

function checkDuration(text: string, least: string, path: IssuePath, exclusive = false): Issue[] {
  const isShort = exclusive ? durationMs(text) <= durationMs(least) : durationMs(text) < durationMs(least);
  if (isShort) return [issueAt(path, `must be ${exclusive ? `longer than the ${least} before it` : `at least ${least}`}, found ${text}`)];
  return durationMs(text) > durationMs(longest) ? [issueAt(path, `must be at most ${longest}, found ${text}`)] : [];
}
