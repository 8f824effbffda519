import type { Call, Expression } from './expression.js';
import type { ExpressionIssue } from './expression-issue.js';
import type { FunctionDefinition } from './function-definition.js';
import type { Parameter } from './parameter.js';

/** One argument beside the parameter that it is for. */
export interface BoundArgument {
  readonly parameter: Parameter;
  readonly node: Expression;
}

/** Arguments in the order of the parameters; those that may be left out at the end are filled in. */
export interface BoundArguments {
  readonly args: readonly BoundArgument[];
  readonly groups: readonly (readonly BoundArgument[])[];
}

/**
 * Which argument is for which parameter, or why they do not fit. Commas at the end that only leave something out are ignored where they are too many.
 */
export function bindArguments(definition: FunctionDefinition, call: Call): BoundArguments | { readonly issue: ExpressionIssue } {
  let given = call.args;
  const first = bind(definition, call, given);
  let bound = first;
  while ('issue' in bound && given.at(-1)?.kind === 'omitted') {
    given = given.slice(0, -1);
    bound = bind(definition, call, given);
  }
  return 'issue' in bound ? first : bound;
}

function bind(definition: FunctionDefinition, { at }: Call, given: readonly Expression[]): ReturnType<typeof bindArguments> {
  const { parameters, repeats, name } = definition;
  const rest = given.length - parameters.length;
  const fits = repeats.length === 0 ? rest <= 0 : rest > 0 && rest % repeats.length === 0;
  if (!fits || given.length < leastArguments(parameters))
    return { issue: { at, message: `expected ${signatureOf(definition)}, found ${countOf(given.length)}` } };
  const pairOf = (parameter: Parameter, index: number): BoundArgument => ({ parameter, node: given[index] ?? { kind: 'omitted', at } });
  const args = parameters.map(pairOf);
  const groups = Array.from({ length: Math.max(0, rest) / (repeats.length || 1) }, (_, group) =>
    repeats.map((parameter, index) => pairOf(parameter, parameters.length + group * repeats.length + index)),
  );
  const missing = [...args, ...groups.flat()].find(({ parameter, node }) => node.kind === 'omitted' && !parameter.isOptional);
  return missing ? { issue: { at: missing.node.at, message: `${missing.parameter.name} of ${name} is missing` } } : { args, groups };
}

const leastArguments = (parameters: readonly Parameter[]): number => parameters.findLastIndex(({ isOptional }) => !isOptional) + 1;

const countOf = (count: number): string => (count === 0 ? 'no argument' : `${count} argument${count === 1 ? '' : 's'}`);

/** `Switch(source, defaultValue?, key, value?, ...)` */
export function signatureOf({ name, parameters, repeats }: FunctionDefinition): string {
  const words = [...parameters, ...repeats].map((one) => `${one.name}${one.isOptional ? '?' : ''}`);
  return `${name}(${[...words, ...(repeats.length > 0 ? ['...'] : [])].join(', ')})`;
}
