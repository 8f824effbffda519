import { evaluateExpression, type ExpressionResult } from '../expression/evaluate-expression.js';
import type { ExpressionContext } from '../expression/expression-context.js';
import { readExpression } from '../expression/mapping-expression.js';
import type { AttributeMapping } from '../job/job-definition.js';
import type { AttributeBag, AttributeValue } from '../object/attributes.js';
import { valueAt } from '../object/value-at.js';

/** Where a mapping's value comes from. A new kind of mapping is a new member here and a new case in `evaluateSource`. */
export type ValueSource =
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'constant'; readonly value: AttributeValue }
  | { readonly kind: 'expression'; readonly text: string }
  | { readonly kind: 'none' };

export function valueSourceOf({ source, constant, expression }: AttributeMapping): ValueSource {
  if (source !== undefined) return { kind: 'attribute', name: source };
  if (expression !== undefined) return { kind: 'expression', text: expression };
  return constant === undefined ? { kind: 'none' } : { kind: 'constant', value: constant };
}

/** The value that a source yields for one object, null when it yields none; or the error of an expression that could not be evaluated. */
export function evaluateSource(source: ValueSource, attributes: AttributeBag, context?: ExpressionContext): ExpressionResult {
  switch (source.kind) {
    case 'attribute':
      return { value: valueAt(attributes, source.name) };
    case 'constant':
      return { value: source.value };
    case 'expression':
      return evaluateText(source.text, attributes, context);
    case 'none':
      return { value: null };
  }
}

function evaluateText(text: string, attributes: AttributeBag, context?: ExpressionContext): ExpressionResult {
  const { expression, issue } = readExpression(text);
  if (issue) return { error: { code: 'unreadable', ...issue } };
  return evaluateExpression(expression, attributes, context);
}
