import type { AttributeBag, AttributeValue } from '../object/attributes.js';
import { type ExpressionResult, evaluateExpression } from './evaluate-expression.js';
import { type Call, type Expression, nodesIn, partsIn } from './expression.js';
import type { ExpressionContext } from './expression-context.js';
import type { ExpressionError } from './fault.js';
import { findFunction } from './functions/index.js';
import { printExpression } from './print-expression.js';
import { passedOn } from './value.js';

/** One sub-expression and what became of it. */
export interface TraceStep {
  readonly text: string;
  readonly kind: Expression['kind'];
  /** Where it begins: characters from the start of the expression. */
  readonly at: number;
  /** 0 for the whole expression. */
  readonly depth: number;
  /** `skipped`: its value was not needed, as that of a branch not taken. */
  readonly state: 'value' | 'error' | 'skipped';
  /** Null unless the state is `value`. */
  readonly value: AttributeValue;
  /** Of a state `error`: why. The same error stands at every sub-expression that it broke. */
  readonly error?: ExpressionError;
}

export interface ExpressionTrace {
  readonly result: ExpressionResult;
  /** Outermost first, in the order of the text; what was left out is left out here too. */
  readonly steps: readonly TraceStep[];
}

const hidden = '[Redact]';

/** Evaluates an expression and tells every sub-expression with its value. What stands in `Redact` is shown as `[Redact]`. */
export function traceExpression(expression: Call, attributes: AttributeBag, context: ExpressionContext = {}): ExpressionTrace {
  const outcomes = new Map<Expression, Pick<TraceStep, 'state' | 'value' | 'error'>>();
  const secret = new Set(nodesIn(expression).flatMap((node) => (isSecret(node) ? nodesIn(node) : [])));
  const result = evaluateExpression(expression, attributes, context, {
    evaluated: (node, value) => outcomes.set(node, { state: 'value', value: secret.has(node) ? hidden : passedOn(value) }),
    failed: (node, { code, message, at }) =>
      outcomes.set(node, {
        state: 'error',
        value: null,
        error: { code, message: secret.has(node) ? hidden : message, at: at ?? node.at },
      }),
  });
  const steps = (node: Expression, depth: number): TraceStep[] =>
    node.kind === 'omitted'
      ? []
      : [
          {
            text: printExpression(node),
            kind: node.kind,
            at: node.at,
            depth,
            ...(outcomes.get(node) ?? { state: 'skipped', value: null }),
          },
          ...partsIn(node).flatMap((part) => steps(part, depth + 1)),
        ];
  return { result, steps: steps(expression, 0) };
}

const isSecret = (node: Expression): boolean => node.kind === 'call' && findFunction(node.name)?.isSecret === true;
