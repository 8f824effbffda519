import { nearest } from '../job/nearest.js';
import { type BoundArgument, bindArguments } from './bind-arguments.js';
import { readAnyDate } from './date/any-date.js';
import { type Call, type Expression, nodesIn } from './expression.js';
import { type ContextNeed, needWords } from './expression-context.js';
import type { ExpressionIssue } from './expression-issue.js';
import type { FunctionDefinition } from './function-definition.js';
import type { Parameter } from './parameter.js';
import { findFunction, functionDefinitions } from './functions/index.js';
import { compilePattern, patternIssueText } from './pattern.js';
import { integerOf } from './value.js';

/** What the place of an expression lets its functions use. */
export interface ExpressionCheck {
  /** Parts of the context that an evaluation will have. */
  readonly available: ReadonlySet<ContextNeed>;
  /** Ends the refusal of a function that needs another one. */
  readonly unless?: (need: ContextNeed) => string;
}

/**
 * Everything that can be known to be wrong with an expression before it meets an object: unknown functions, wrong numbers of arguments, constants of the
 * wrong type, patterns that are none, comparisons outside a condition, and functions that may not be used here. In the order of the text.
 */
export function checkExpression(expression: Call, check: ExpressionCheck): ExpressionIssue[] {
  const issues = nodesIn(expression).flatMap((node) => {
    if (node.kind === 'comparison') return [...checkSide(node.left), ...checkSide(node.right)];
    return node.kind === 'call' ? checkCall(node, node === expression, check) : [];
  });
  return issues.sort((one, other) => one.at - other.at);
}

function checkCall(call: Call, isOutermost: boolean, check: ExpressionCheck): ExpressionIssue[] {
  const definition = findFunction(call.name);
  if (!definition) return [unknownFunction(call)];
  const refusal = refusalOf(definition, isOutermost, check);
  const bound = bindArguments(definition, call);
  if ('issue' in bound) return [...(refusal ? [{ at: call.at, message: refusal }] : []), bound.issue];
  const all = [...bound.args, ...bound.groups.flat()];
  const issues = all.flatMap(({ parameter, node }) => checkArgument(parameter, node, definition.name));
  const own = definition.check?.({ ...call, name: definition.name, args: bound.args.map(({ node }) => node) }) ?? [];
  return [...(refusal ? [{ at: call.at, message: refusal }] : []), ...issues, ...own];
}

function refusalOf({ name, needs, isOutermost: mustBe }: FunctionDefinition, isOutermost: boolean, check: ExpressionCheck): string | null {
  if (needs && !check.available.has(needs))
    return `${name} needs ${needWords[needs]}, ${check.unless?.(needs) ?? 'which is not available here'}`;
  return mustBe && !isOutermost ? `${name} must be the outermost function` : null;
}

function unknownFunction({ name, at }: Call): ExpressionIssue {
  const meant = nearest(
    name,
    functionDefinitions.map((definition) => definition.name),
  );
  const message = `there is no function "${name}"`;
  return meant === undefined ? { at, message } : { at, message: `${message}; did you mean "${meant}"?`, nearest: meant };
}

const keywordIssue = ({ at, name }: Extract<Expression, { kind: 'keyword' }>): ExpressionIssue => ({
  at,
  message: `"${name}" is no keyword here; texts stand in double quotes, attributes in brackets`,
});

function checkSide(node: Expression): ExpressionIssue[] {
  if (node.kind === 'keyword') return [keywordIssue(node)];
  if (node.kind !== 'text' || node.value !== '') return [];
  return [{ at: node.at, message: 'a comparison with an empty text never holds; use IsNullOrEmpty, or Switch with the key ""' }];
}

function checkArgument(parameter: BoundArgument['parameter'], node: Expression, functionName: string): ExpressionIssue[] {
  const wrong = (message: string): ExpressionIssue[] => [{ at: node.at, message: `${parameter.name} of ${functionName} ${message}` }];
  if (node.kind === 'comparison')
    return parameter.type === 'condition' ? [] : wrong('must not be a comparison; only the conditions of IIF and CBool are');
  if (node.kind === 'call' || node.kind === 'attribute' || node.kind === 'omitted') return [];
  if (parameter.oneOf) return checkChoice(parameter, node, wrong);
  if (node.kind === 'keyword') return [keywordIssue(node)];
  const constant = node.value;
  if (parameter.type === 'whole number' && integerOf(constant) === undefined)
    return wrong(`must be a whole number, found ${constantText(constant)}`);
  if (parameter.type === 'date' && !isDate(constant)) return wrong(`must be a date, found ${constantText(constant)}`);
  if (parameter.type === 'pattern' && node.kind === 'text') return checkPattern(node);
  return [];
}

type Constant = Extract<Expression, { kind: 'text' | 'number' | 'boolean' | 'keyword' }>;

function checkChoice({ oneOf = [], isOpen }: Parameter, node: Constant, wrong: (message: string) => ExpressionIssue[]): ExpressionIssue[] {
  const word = node.kind === 'keyword' ? node.name : String(node.value);
  const isKnown = oneOf.some((one) => one.toLowerCase() === word.toLowerCase());
  if (isKnown || (isOpen && node.kind !== 'keyword')) return [];
  const meant = nearest(word, oneOf);
  const [issue] = wrong(`must be one of ${oneOf.join(', ')}, found ${constantText(word)}`);
  return [{ ...issue!, ...(meant !== undefined && { nearest: meant }) }];
}

function checkPattern({ value, at }: Extract<Expression, { kind: 'text' }>): ExpressionIssue[] {
  const { issue } = compilePattern(value);
  if (!issue) return [];
  const before = value.slice(0, issue.at);
  const escapes = before.length - before.replaceAll(/[\\"]/g, '').length; // each takes two characters in the expression
  return [{ at: at + 1 + issue.at + escapes, message: patternIssueText(issue) }];
}

const isDate = (constant: string | bigint | boolean): boolean =>
  typeof constant === 'string' && (constant.trim() === '' || readAnyDate(constant) !== null);

const constantText = (constant: string | bigint | boolean): string =>
  typeof constant === 'string' ? JSON.stringify(constant.slice(0, 60)) : String(constant);
