import { Argument } from './argument.js';
import type { AttributeBag, AttributeValue } from '../object/attributes.js';
import { valueAt } from '../object/value-at.js';
import { type BoundArgument, bindArguments } from './bind-arguments.js';
import { comparisonHolds } from './comparison.js';
import type { Call, Expression } from './expression.js';
import { type ExpressionContext, needWords } from './expression-context.js';
import { type ExpressionError, Fault } from './fault.js';
import { findFunction } from './functions/index.js';
import { type Value, fromAttribute, largestText, passedOn } from './value.js';

/** The attribute that no source has: whether the object is gone, out of scope or not active. Values are only computed for objects that are wanted. */
export const softDeleted = 'IsSoftDeleted';

/** What an expression gave for one object. */
export type ExpressionResult =
  | { readonly value: AttributeValue; readonly error?: never }
  | { readonly error: ExpressionError; readonly value?: never };

/** Hears of every sub-expression that is evaluated. */
export interface EvaluationListener {
  evaluated(node: Expression, value: Value): void;
  failed(node: Expression, fault: Fault): void;
}

/**
 * The value of an expression for one object. Pure but for the sources of the context; throws nothing: what cannot be evaluated is an error
 * with the place of the sub-expression that failed. Attributes are looked up by exactly their names; one that is absent is null.
 */
export function evaluateExpression(
  expression: Expression,
  attributes: AttributeBag,
  context: ExpressionContext = {},
  listener?: EvaluationListener,
): ExpressionResult {
  try {
    return { value: passedOn(new Evaluator(attributes, context, listener).valueOf(expression)) };
  } catch (error) {
    if (error instanceof Fault) return { error: { code: error.code, message: error.message, at: error.at ?? expression.at } };
    throw error;
  }
}

class Evaluator {
  constructor(
    private readonly attributes: AttributeBag,
    private readonly context: ExpressionContext,
    private readonly listener: EvaluationListener | undefined,
  ) {}

  valueOf(node: Expression): Value {
    try {
      const value = this.evaluate(node);
      if (typeof value === 'string' && value.length > largestText)
        throw new Fault('too-large', `the text has more than ${largestText} characters`);
      this.listener?.evaluated(node, value);
      return value;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      error.at ??= node.at;
      this.listener?.failed(node, error);
      throw error;
    }
  }

  private evaluate(node: Expression): Value {
    switch (node.kind) {
      case 'call':
        return this.call(node);
      case 'attribute':
        return this.attribute(node.name);
      case 'comparison':
        return comparisonHolds(this.valueOf(node.left), node.operator, this.valueOf(node.right));
      case 'keyword':
        return node.name;
      case 'omitted':
        return null;
      default:
        return node.value;
    }
  }

  private attribute(name: string): Value {
    if (name === softDeleted && !Object.hasOwn(this.attributes, name)) return false;
    return fromAttribute(valueAt(this.attributes, name));
  }

  private call(call: Call): Value {
    const definition = findFunction(call.name);
    if (!definition) throw new Fault('unknown-function', `there is no function "${call.name}"`);
    const { needs, isSecret } = definition;
    if (needs && this.context[needs] === undefined)
      throw new Fault('not-available', `${definition.name} needs ${needWords[needs]}, which is not available here`);
    const bound = bindArguments(definition, call);
    if ('issue' in bound) throw new Fault('wrong-arguments', bound.issue.message, bound.issue.at);
    const argument = ({ parameter, node }: BoundArgument): Argument =>
      new Argument(parameter, definition.name, node.at, node.kind === 'omitted' ? null : () => this.valueOf(node));
    const args = bound.args.map(argument);
    const isNull = definition.nullGivesNull && args.some((one, index) => !definition.parameters[index]!.isOptional && one.isNull());
    try {
      return isNull
        ? null
        : definition.evaluate(
            args,
            bound.groups.map((group) => group.map(argument)),
            this.context,
          );
    } catch (error) {
      if (isSecret && error instanceof Fault) throw new Fault(error.code, `what stands in ${definition.name} failed`, error.at);
      throw error;
    }
  }
}
