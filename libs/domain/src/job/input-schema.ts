import { z } from 'zod';

/** The part of JSON Schema (draft 2020-12) that our schemas turn into. */
export interface JsonSchema {
  $schema?: string;
  $id?: string;
  title?: string;
  description?: string;
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  if?: JsonSchema;
  then?: JsonSchema;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  [keyword: string]: unknown;
}

/** What may be written, before defaults are filled in. */
export function inputSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: dropSafeIntegers,
  });
  return rest as JsonSchema;
}

/** Bounds that every whole number has say nothing. */
function dropSafeIntegers({ jsonSchema }: { jsonSchema: { minimum?: unknown; maximum?: unknown } }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}

/** Keys that may stand at a path, whichever alternative applies there. */
export function keysAt(schema: JsonSchema, path: readonly PropertyKey[]): string[] {
  return [...new Set(nodesAt(schema, path).flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

/** The alternatives at a path that are objects, written as their required keys: `{ env: … }`. */
export function objectFormsAt(schema: JsonSchema, path: readonly PropertyKey[]): string[] {
  const objects = nodesAt(schema, path).filter(({ properties }) => properties !== undefined);
  return objects.map(({ required = [] }) => `{ ${required.map((key) => `${key}: …`).join(', ')} }`);
}

/** The schemas that apply at a path, each alternative of a union on its own. */
const nodesAt = (schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema[] =>
  path.reduce<JsonSchema[]>((nodes, step) => nodes.flatMap((node) => childrenOf(node, step)), alternativesOf(schema));

function childrenOf({ properties, items, additionalProperties }: JsonSchema, step: PropertyKey): JsonSchema[] {
  const rest = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  const child = typeof step === 'number' ? items : (properties?.[String(step)] ?? rest);
  return child ? alternativesOf(child) : [];
}

function alternativesOf(schema: JsonSchema): JsonSchema[] {
  return [schema, ...[schema.anyOf, schema.oneOf, schema.allOf].flatMap((some) => (some ?? []).flatMap(alternativesOf))];
}
