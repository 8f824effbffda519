import { isEmptyValue, textOf } from '../object/attributes.js';
import { bitOperators, patternOperators, unaryOperators } from '../scope/operators.js';
import { compilePattern, patternIssueText } from '../expression/pattern.js';
import { checkMappingExpression } from './check-mapping-expression.js';
import { type Issue, type IssuePath, issueAt } from './issue.js';
import { type AttributeMapping, durationMs, type JobDefinition, type ObjectMapping, type ScopeClause } from './job-definition.js';

/** What a schema cannot see: rules that contradict each other or cannot mean what they say. */
export function checkRules(definition: JobDefinition): Issue[] {
  const objects = definition.objects.flatMap((rules, index) => {
    const path = ['objects', index];
    return [...checkMappings(rules.attributes, [...path, 'attributes']), ...checkClauses(rules, path)];
  });
  return [...objects, ...checkDurations(definition)];
}

function checkMappings(mappings: readonly AttributeMapping[], path: IssuePath): Issue[] {
  const none = mappings.every(({ matching }) => matching === undefined);
  return [
    ...(none ? [issueAt(path, 'no mapping has "matching": without a matching attribute no account can be found')] : []),
    ...mappings.flatMap((mapping, index) => checkMapping(mapping, mappings.slice(0, index), [...path, index])),
  ];
}

function checkMapping(mapping: AttributeMapping, earlier: readonly AttributeMapping[], path: IssuePath): Issue[] {
  const { target, matching, source, constant, expression } = mapping;
  const issues: [boolean, string, string][] = [
    [earlier.some((other) => other.target === target), 'target', `"${target}" is mapped twice: a target attribute takes one mapping`],
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

function checkDurations({ schedule, retry }: JobDefinition): Issue[] {
  return [
    ...checkDuration(schedule.every, '10s', ['schedule', 'every']),
    ...retry.after.flatMap((after, index) => checkDuration(after, retry.after[index - 1] ?? '1s', ['retry', 'after', index], index > 0)),
    ...checkDuration(retry.thenEvery, '1s', ['retry', 'thenEvery']),
    ...checkDuration(retry.giveUpAfter, '1s', ['retry', 'giveUpAfter']),
  ];
}

function checkDuration(text: string, least: string, path: IssuePath, exclusive = false): Issue[] {
  const isShort = exclusive ? durationMs(text) <= durationMs(least) : durationMs(text) < durationMs(least);
  if (isShort) return [issueAt(path, `must be ${exclusive ? `longer than the ${least} before it` : `at least ${least}`}, found ${text}`)];
  return durationMs(text) > durationMs(longest) ? [issueAt(path, `must be at most ${longest}, found ${text}`)] : [];
}
