import type { AttributeMappingSource } from '@provident/contracts';
import {
  type AttributeMapping,
  type JobDefinition,
  type ObjectMapping,
  parseExpression,
  printExpression,
  type ScopeGroup,
} from '@provident/domain';
import { z } from 'zod';

import { mappingSource } from './mapping-source.js';
import { type SchemaNames, synchronizationSchema } from './get-schema.query.js';

/** A synchronization schema that cannot be taken: where, and why. */
export class SchemaRefused extends Error {
  override readonly name = 'SchemaRefused';

  constructor(
    readonly path: readonly (string | number)[],
    readonly why: string,
  ) {
    super(`${path.map(String).join('/')}: ${why}`);
  }
}

const Clause = z.object({
  operatorName: z.string(),
  sourceOperandName: z.string(),
  targetOperand: z.object({ values: z.array(z.string()).default([]) }),
});
const Source = z.object({
  expression: z.string().nullish(),
  name: z.string().nullish(),
  type: z.enum(['Attribute', 'Constant', 'Function']),
});
const Mapping = z.object({
  targetAttributeName: z.string().min(1),
  source: Source.nullish(),
  matchingPriority: z.int().nonnegative().default(0),
  defaultValue: z.string().nullish(),
  flowType: z.enum(['Always', 'ObjectAddOnly']).default('Always'),
});
const Objects = z.object({
  sourceObjectName: z.string(),
  targetObjectName: z.string(),
  flowTypes: z.string().optional(),
  scope: z.object({ groups: z.array(z.object({ name: z.string().min(1), clauses: z.array(Clause).min(1) })).default([]) }).nullish(),
  attributeMappings: z.array(Mapping).min(1),
});
/** What of a schema becomes a part of a job; whatever else stands in it is compared. */
const Given = z.object({
  synchronizationRules: z.array(z.object({ name: z.string().optional(), objectMappings: z.array(Objects).min(1) })).length(1),
});
type Given = z.infer<typeof Given>;
type GivenObjects = z.infer<typeof Objects>;
type GivenMapping = z.infer<typeof Mapping>;

/**
 * A job's definition with the rules of a synchronization schema. What such a schema cannot say stays as it was; what it says and the job cannot, is
 * refused: the schema that the new definition has must say all of what was given. Pure.
 * @throws SchemaRefused
 */
export function definitionFromSchema(definition: JobDefinition, given: unknown, names: SchemaNames): JobDefinition {
  const parsed = Given.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SchemaRefused(issue!.path as (string | number)[], issue!.message);
  }
  const [rule] = parsed.data.synchronizationRules;
  const objects = rule!.objectMappings.map((each, index) =>
    objectsFrom(definition, each, ['synchronizationRules', 0, 'objectMappings', index]),
  );
  const title = rule!.name !== undefined && rule!.name !== (definition.name ?? definition.job) ? { name: rule!.name } : {};
  const changed: JobDefinition = { ...definition, ...title, objects };
  // Directories tell what the systems have: they are not changed with the rules.
  const { directories } = synchronizationSchema(definition, names);
  assertSaid(withoutVersion(given), { ...synchronizationSchema(changed, names), directories }, []);
  return changed;
}

// ---------------------------------------------------------------- rules

function objectsFrom({ objects }: JobDefinition, given: GivenObjects, path: readonly (string | number)[]): ObjectMapping {
  const known = objects.find(({ source, target }) => source === given.sourceObjectName && target === given.targetObjectName);
  if (!known)
    throw new SchemaRefused(
      path,
      `the job has no ${given.sourceObjectName} to ${given.targetObjectName}: its job file adds kinds of objects`,
    );
  const repeated = given.attributeMappings.findIndex(
    ({ targetAttributeName: name }, at, all) => all.findIndex((each) => each.targetAttributeName === name) < at,
  );
  if (repeated >= 0)
    throw new SchemaRefused([...path, 'attributeMappings', repeated, 'targetAttributeName'], 'the attribute is mapped twice');
  return {
    ...known,
    actions: actionsFrom(known.actions, given.flowTypes),
    scope: (given.scope?.groups ?? []).map((group) => scopeFrom(known.scope, group)),
    attributes: given.attributeMappings.map((each, index) => attributeFrom(known.attributes, each, [...path, 'attributeMappings', index])),
  };
}

/** `Delete` stands for disabling and deleting: what was allowed of the two stays. */
function actionsFrom(known: ObjectMapping['actions'], flowTypes: string | undefined): ObjectMapping['actions'] {
  if (flowTypes === undefined) return known;
  const flows = new Set(flowTypes.split(',').map((flow) => flow.trim()));
  const removals = known.filter((action) => action === 'disable' || action === 'delete');
  return [
    ...(flows.has('Add') ? (['create'] as const) : []),
    ...(flows.has('Update') ? (['update'] as const) : []),
    ...(flows.has('Delete') ? (removals.length > 0 ? removals : (['disable', 'delete'] as const)) : []),
  ];
}

/** A value keeps the type that it had: a schema knows texts alone. */
function scopeFrom(known: readonly ScopeGroup[], { name, clauses }: { name: string; clauses: z.infer<typeof Clause>[] }): ScopeGroup {
  const before = known.flatMap(({ all }) => all);
  const all = clauses.map(({ operatorName, sourceOperandName, targetOperand: { values } }) => {
    const value = values[0];
    const same = before.find(
      (each) => each.operator === operatorName && each.attribute === sourceOperandName && String(each.value) === value,
    );
    return {
      attribute: sourceOperandName,
      operator: operatorName as ScopeGroup['all'][number]['operator'],
      ...(value !== undefined && { value: same?.value ?? value }),
    };
  });
  return { name, all };
}

function attributeFrom(known: readonly AttributeMapping[], given: GivenMapping, path: readonly (string | number)[]): AttributeMapping {
  const { targetAttributeName: target, matchingPriority, defaultValue, flowType } = given;
  const before = known.find((each) => each.target === target);
  const { default: defaultBefore, matching: _matching, ...rest } = before ?? { target, apply: 'always', required: false, caseExact: true };
  const {
    source: _source,
    constant: _constant,
    expression: _expression,
    reference: _reference,
    referenceType: _type,
    ...others
  } = rest as AttributeMapping;
  const isSame = before !== undefined && isSameSource(mappingSource(before), given.source ?? null);
  return {
    ...(isSame ? rest : { ...others, ...valueFrom(given.source ?? null, path) }),
    apply: flowType === 'ObjectAddOnly' ? 'on-create' : 'always',
    ...(matchingPriority > 0 && { matching: matchingPriority }),
    ...(typeof defaultValue === 'string' && { default: String(defaultBefore) === defaultValue ? defaultBefore : defaultValue }),
  } as AttributeMapping;
}

type GivenSource = z.infer<typeof Source>;

const isSameSource = (known: AttributeMappingSource | null, given: GivenSource | null): boolean =>
  known === null || given === null
    ? known === given
    : known.type === given.type &&
      (given.type === 'Function' ? printed(known.expression) === printed(given.expression ?? '') : known.name === given.name);

/** What cannot be read stays as it is. */
function printed(expression: string): string {
  const parsed = parseExpression(expression);
  return parsed.issue ? expression : printExpression(parsed.expression);
}

function valueFrom(given: GivenSource | null, path: readonly (string | number)[]): Partial<AttributeMapping> {
  if (given === null) return {};
  if (given.type === 'Function') {
    const parsed = parseExpression(given.expression ?? '');
    if (parsed.issue) throw new SchemaRefused([...path, 'source', 'expression'], parsed.issue.message);
    return { expression: given.expression! };
  }
  if (typeof given.name !== 'string' || given.name === '') throw new SchemaRefused([...path, 'source', 'name'], 'must be given');
  return given.type === 'Attribute' ? { source: given.name } : { constant: given.name };
}

// ---------------------------------------------------------------- what is left

type Json = null | string | number | boolean | readonly Json[] | { readonly [name: string]: Json };

/** The version is what a change makes, and annotations are the protocol's own. */
function withoutVersion(given: unknown): Json {
  const { version: _version, ...rest } = given as Record<string, Json>;
  return rest;
}

const isNothing = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.values(value).every(isNothing));
const isObject = (value: Json | undefined): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Everything that was given is said by what there is now. @throws SchemaRefused with the first place where it is not */
function assertSaid(given: Json, there: Json | undefined, path: readonly (string | number)[]): void {
  if (isNothing(given) && isNothing(there)) return;
  if (Array.isArray(given) && Array.isArray(there)) {
    if (given.length !== there.length) throw new SchemaRefused(path, `cannot be said in a job: ${there.length} of ${given.length} can`);
    given.forEach((each: Json, index) => assertSaid(each, there[index] as Json, [...path, index]));
  } else if (isObject(given) && isObject(there)) {
    for (const [name, each] of Object.entries(given)) {
      if (name.includes('@odata.') || (isVersionOfDirectory(path) && name === 'version')) continue;
      if (isSaidOtherwise(name, each, there[name])) continue;
      assertSaid(each, there[name], [...path, name]);
    }
  } else if (given !== there) {
    throw new SchemaRefused(
      path,
      `cannot be said in a job: ${JSON.stringify(given)}${there === undefined ? '' : ` instead of ${JSON.stringify(there)}`}`,
    );
  }
}

/** The same in other words: the order of flows, and spaces in an expression, mean nothing. */
const isSaidOtherwise = (name: string, given: Json, there: Json | undefined): boolean =>
  typeof given === 'string' &&
  typeof there === 'string' &&
  ((name === 'flowTypes' && flowsOf(given) === flowsOf(there)) || (name === 'expression' && printed(given) === printed(there)));
const flowsOf = (text: string): string =>
  text
    .split(',')
    .map((flow) => flow.trim())
    .sort()
    .join();
const isVersionOfDirectory = ([first, ...rest]: readonly (string | number)[]): boolean => first === 'directories' && rest.length === 1;
