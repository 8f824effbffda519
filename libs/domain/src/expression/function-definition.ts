import type { AttributeBag } from '../object/attributes.js';
import type { Argument } from './argument.js';
import type { Call } from './expression.js';
import type { ContextNeed, ExpressionContext } from './expression-context.js';
import type { ExpressionIssue } from './expression-issue.js';
import type { Parameter } from './parameter.js';
import type { Value } from './value.js';

/** An expression, attributes, and what it gives: shown in the reference, and run by the tests. */
export interface FunctionExample {
  readonly expression: string;
  readonly given?: AttributeBag;
  readonly gives: unknown;
}

export interface FunctionDefinition {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Parameters that follow the others any number of times, as a group, at least once. */
  readonly repeats: readonly Parameter[];
  /** What it does, for the reference, in Markdown; names what was decided where Microsoft's pages are silent. */
  readonly summary: string;
  readonly examples: readonly FunctionExample[];
  readonly needs?: ContextNeed;
  /** True: a null among the arguments that are not optional gives null, and the function is not asked. */
  readonly nullGivesNull: boolean;
  /** Must not stand inside another function. */
  readonly isOutermost?: boolean;
  /** Its value must not be seen in logs or traces. */
  readonly isSecret?: boolean;
  /** What only this function knows to be wrong with a call; what was left out at the end of it is filled in with `omitted`. */
  readonly check?: (call: Call) => ExpressionIssue[];
  readonly evaluate: (args: readonly Argument[], groups: readonly (readonly Argument[])[], context: ExpressionContext) => Value;
}

type ArgumentsOf<Parameters extends readonly Parameter[]> = { readonly [Index in keyof Parameters]: Argument };

/** A definition whose function gets exactly the arguments that it declares. */
export function defineFunction<const Parameters extends readonly Parameter[] = [], const Repeats extends readonly Parameter[] = []>(
  definition: Omit<FunctionDefinition, 'parameters' | 'repeats' | 'evaluate' | 'nullGivesNull'> & {
    readonly parameters?: Parameters;
    readonly repeats?: Repeats;
    /** True unless said otherwise. */
    readonly nullGivesNull?: boolean;
    readonly evaluate: (args: ArgumentsOf<Parameters>, groups: readonly ArgumentsOf<Repeats>[], context: ExpressionContext) => Value;
  },
): FunctionDefinition {
  return {
    nullGivesNull: true,
    ...definition,
    parameters: definition.parameters ?? [],
    repeats: definition.repeats ?? [],
    evaluate: definition.evaluate as unknown as FunctionDefinition['evaluate'],
  };
}
