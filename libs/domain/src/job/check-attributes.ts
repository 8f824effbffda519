import { nodesIn } from '../expression/expression.js';
import { softDeleted } from '../expression/evaluate-expression.js';
import { placeText } from '../expression/expression-issue.js';
import { readExpression } from '../expression/mapping-expression.js';
import { type Issue, type IssuePath, issueAt, unknownName } from './issue.js';
import type { JobDefinition, ObjectMapping } from './job-definition.js';

/** What a system tells of the attributes of one object type. */
export interface KnownAttributes {
  readonly attributes: readonly { readonly name: string; readonly readOnly?: boolean }[];
  /** false: the system may have more than it tells, and no name can be called wrong. */
  readonly complete: boolean;
}

/** What both systems tell of the objects of one mapping. */
export interface KnownSides {
  readonly source: KnownAttributes;
  readonly target: KnownAttributes;
  /** What the target tells of a path that it may not list by that name, such as a filtered one: of all that it leads through; nothing when it does not know it. */
  readonly describedTargetPath: (path: string) => KnownAttributes['attributes'];
}

/** Attributes that the rules name and the systems do not have, and target attributes that cannot be written. */
export function checkAttributes({ objects }: Pick<JobDefinition, 'objects'>, sidesOf: (rules: ObjectMapping) => KnownSides): Issue[] {
  return objects.flatMap((rules, index) => {
    const path = ['objects', index];
    const { source, target, describedTargetPath } = sidesOf(rules);
    return [
      ...sourceNames(rules, path).flatMap((place) => checkName(place, 'the source has no attribute', source, () => false)),
      ...targetNames(rules, path).flatMap((place) => [
        ...checkName(place, 'the target has no attribute', target, (name) => describedTargetPath(name).length > 0),
        ...checkWritable(place, [...target.attributes.filter(({ name }) => name === place.name), ...describedTargetPath(place.name)]),
      ]),
    ];
  });
}

interface Place {
  readonly path: IssuePath;
  readonly name: string;
  /** Where in an expression: `column 14: `. */
  readonly within?: string;
}

function sourceNames({ attributes, scope, active, displayName, sensitive = [] }: ObjectMapping, path: IssuePath): Place[] {
  return [
    ...scope.flatMap(({ all }, group) =>
      all.map(({ attribute }, index) => ({ path: [...path, 'scope', group, 'all', index, 'attribute'], name: attribute })),
    ),
    ...(active ? [{ path: [...path, 'active', 'attribute'], name: active.attribute }] : []),
    ...(displayName === undefined ? [] : [{ path: [...path, 'displayName'], name: displayName }]),
    ...sensitive.map((name, index) => ({ path: [...path, 'sensitive', index], name })),
    ...(['source', 'reference'] as const).flatMap((key) =>
      attributes.flatMap(({ [key]: name }, index) => (name === undefined ? [] : [{ path: [...path, 'attributes', index, key], name }])),
    ),
    ...attributes.flatMap(({ expression }, index) =>
      expression === undefined ? [] : namesIn(expression, [...path, 'attributes', index, 'expression']),
    ),
  ];
}

/** Attributes of an expression where each stands first; the computed one is no source's. */
function namesIn(text: string, path: IssuePath): Place[] {
  const { expression } = readExpression(text);
  const found = (expression ? nodesIn(expression) : []).filter((node) => node.kind === 'attribute');
  return found
    .filter(({ name }, index) => name !== softDeleted && found.findIndex((other) => other.name === name) === index)
    .map(({ name, at }) => ({ path, name, within: `${placeText(text, at)}: ` }));
}

const targetNames = ({ attributes }: ObjectMapping, path: IssuePath): Place[] =>
  attributes.map(({ target }, index) => ({ path: [...path, 'attributes', index, 'target'], name: target }));

function checkName(
  { path, name, within = '' }: Place,
  what: string,
  { attributes, complete }: KnownAttributes,
  isKnown: (name: string) => boolean,
): Issue[] {
  const names = attributes.map((attribute) => attribute.name);
  return !complete || names.includes(name) || isKnown(name) ? [] : [unknownName(path, within + what, name, names)];
}

function checkWritable({ path, name }: Place, described: KnownAttributes['attributes']): Issue[] {
  const isReadOnly = described.some(({ readOnly }) => readOnly);
  return isReadOnly ? [issueAt(path, `the target does not let "${name}" be written: leave this mapping out`)] : [];
}
