import type { ParseExpressionOrder, ParseExpressionResponse } from '@provident/contracts';
import {
  type AttributeBag,
  type Call,
  checkExpression,
  evaluateExpression,
  type ExpressionContext,
  parseExpression,
  placed,
  textOf,
} from '@provident/domain';

import { expressionSource } from './mapping-source.js';

const failed = (code: string, message: string): ParseExpressionResponse => ({
  parsingSucceeded: false,
  evaluationSucceeded: false,
  evaluationResult: [],
  parsedExpression: null,
  error: { code, message, target: null },
});

/**
 * Reads an expression, and evaluates it for a test object if one is given. An attribute alone is an expression here, too.
 * @param context what functions may know besides the object
 */
export function tryExpression(
  { expression: text, testInputObject }: ParseExpressionOrder,
  context: ExpressionContext,
): ParseExpressionResponse {
  const attributes = testInputObject
    ? (Object.fromEntries(testInputObject.properties.map(({ key, value }) => [key, value])) as AttributeBag)
    : null;
  const alone = /^\s*\[([^[\]]+)\]\s*$/.exec(text)?.[1];
  if (alone !== undefined) return parsed({ kind: 'attribute', name: alone, at: 0 }, attributes && { value: [textOf(attributes[alone])] });
  const { expression, issue } = parseExpression(text);
  if (issue) return failed('InvalidExpression', placed(text, issue));
  const [wrong] = checkExpression(expression, { available: new Set(Object.keys(context) as never[]) });
  if (wrong) return failed('InvalidExpression', placed(text, wrong));
  return parsed(expression, attributes && evaluated(text, expression, attributes, context));
}

type Evaluated = { readonly value: readonly string[] } | { readonly problem: string };

function evaluated(text: string, expression: Call, attributes: AttributeBag, context: ExpressionContext): Evaluated {
  const { value, error } = evaluateExpression(expression, attributes, context);
  if (error) return { problem: placed(text, error) };
  return { value: Array.isArray(value) ? value.map((each) => textOf(each)) : [textOf(value)] };
}

function parsed(expression: Parameters<typeof expressionSource>[0], result: Evaluated | null): ParseExpressionResponse {
  const answer = { parsingSucceeded: true, parsedExpression: expressionSource(expression) };
  if (result && 'problem' in result)
    return {
      ...answer,
      evaluationSucceeded: false,
      evaluationResult: [],
      error: { code: 'EvaluationFailed', message: result.problem, target: null },
    };
  return { ...answer, evaluationSucceeded: result !== null, evaluationResult: [...(result?.value ?? [])], error: null };
}
