import { sourceAttributesIn } from '../expression/mapping-expression.js';
import type { ObjectMapping } from '../job/job-definition.js';
import { assignmentAttributes } from '../scope/evaluate-assignment.js';

/** Source attributes that the rules look at, each once: what the source has to be asked for. */
export function sourceAttributesOf(rules: ObjectMapping): string[] {
  const { attributes, scope, active, displayName } = rules;
  const mapped = attributes.flatMap(({ source, expression, reference }) =>
    expression === undefined ? (source ?? reference ?? []) : sourceAttributesIn(expression),
  );
  const scoping = scope.flatMap(({ all }) => all.map(({ attribute }) => attribute));
  return [
    ...new Set([
      ...mapped,
      ...scoping,
      ...(active ? [active.attribute] : []),
      ...(displayName ? [displayName] : []),
      ...assignmentAttributes(rules),
    ]),
  ];
}

/** Target attributes that the rules write or match by, each once: what the target has to be asked for. */
export function targetAttributesOf({ attributes }: ObjectMapping): string[] {
  return [...new Set(attributes.map(({ target }) => target))];
}
