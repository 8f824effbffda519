import { type IdentityKind, identityLength, identityValue } from '@provident/read-model';

import { query, type ReadModels } from '../database.js';
import type { ObjectRef } from '../find-objects.js';
import type { Condition, Operand } from './filter.js';
import { findByPath, type Resource } from './resource.js';

/** The objects whose identifiers have a part that a condition asks for; undefined when that is not known, or when they are many. */
export type ObjectsOf = (condition: Condition) => readonly ObjectRef[] | undefined;

/** Of more than these a page is found sooner among the newest rows than by looking up each of them. */
const few = 1_000;

interface Part {
  readonly kind: IdentityKind;
  readonly text: string;
}

/** Finds out once which objects the conditions on parts of names and ids can hold for at all: they are far fewer than rows. */
export async function findByPart(models: ReadModels, resource: Resource, filter: Condition): Promise<ObjectsOf> {
  const found = new Map<Condition, readonly ObjectRef[]>();
  if (resource.ofObjects === undefined) return () => undefined;
  for (const [condition, part] of partsOf(filter, resource)) {
    const objects = await objectsWith(models, part);
    if (objects) found.set(condition, objects);
  }
  return (condition) => found.get(condition);
}

/** What is stored of an identifier is folded, and cut when it is very long: those with the part are among these, whatever else is. */
const candidates = `
  select job_id, object_key from identity
  where kind = $1 and (strpos(value, $2) > 0 or octet_length(value) >= ${identityLength}) limit ${few + 1}`;

async function objectsWith(models: ReadModels, { kind, text }: Part): Promise<readonly ObjectRef[] | null> {
  const rows = await query<ObjectRef>(models, candidates, [kind, text]);
  if (rows.length > few) return null;
  return [...new Map(rows.map((row) => [`${row.job_id}\n${row.object_key}`, row])).values()];
}

function partsOf(condition: Condition, resource: Resource): [Condition, Part][] {
  if (condition.kind === 'and' || condition.kind === 'or') return condition.conditions.flatMap((each) => partsOf(each, resource));
  if (condition.kind === 'not') return partsOf(condition.condition, resource);
  if (condition.kind !== 'call' || condition.part.kind !== 'literal' || condition.part.type !== 'text') return [];
  const kind = kindOf(condition.text, resource);
  const text = kind && identityValue(kind, String(condition.part.value));
  return kind && text && text.length < identityLength ? [[condition, { kind, text }]] : [];
}

/** Names and matching values are stored without regard to case: they are found by a part in lower case too. */
function kindOf(operand: Operand, resource: Resource): IdentityKind | null {
  if (operand.kind === 'path') return findByPath(resource.properties, operand.path)?.identifies ?? null;
  if (operand.kind !== 'text' || operand.name !== 'tolower') return null;
  const kind = kindOf(operand.argument, resource);
  return kind === 'name' || kind === 'matching' ? kind : null;
}
