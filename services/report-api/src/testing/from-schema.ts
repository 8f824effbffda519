import * as fc from 'fast-check';

type Schema = Readonly<Record<string, unknown>>;

/** As deep as a body is made to nest by itself. */
const deepest = 4;

/** Values that a schema of the OpenAPI document allows, as far as it can be followed; what it leaves open is anything. */
export function fromSchema(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  if (depth > deepest) return fc.constantFrom(null, 'x', 1);
  const inner = (each: unknown): fc.Arbitrary<unknown> => fromSchema(each as Schema, depth + 1);
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  for (const choice of ['anyOf', 'oneOf']) if (Array.isArray(schema[choice])) return fc.oneof(...(schema[choice] as unknown[]).map(inner));
  switch (schema['type']) {
    case 'object':
      return objectOf(schema, inner);
    case 'array':
      return Array.isArray(schema['prefixItems'])
        ? fc.tuple(...(schema['prefixItems'] as unknown[]).map(inner))
        : fc.array(inner(schema['items'] ?? {}), {
            minLength: Number(schema['minItems'] ?? 0),
            maxLength: Math.max(3, Number(schema['minItems'] ?? 0)),
          });
    case 'string':
      return typeof schema['pattern'] === 'string'
        ? fc.oneof(fc.stringMatching(new RegExp(schema['pattern'])), fc.string())
        : fc.oneof(fc.string({ minLength: Number(schema['minLength'] ?? 0) }), fc.string({ unit: 'binary', minLength: 1 }));
    case 'integer':
      return fc.integer({ min: Number(schema['minimum'] ?? -1), max: Number(schema['maximum'] ?? 1_000) });
    case 'number':
      return fc.double({ noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf(schema: Schema, inner: (each: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const properties = (schema['properties'] ?? {}) as Record<string, unknown>;
  const required = (schema['required'] ?? []) as string[];
  const shape = Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, inner(each)]));
  return fc.record(shape, { requiredKeys: required.filter((name) => name in shape) });
}

/** The same with something wrong in it: a member too many, too few, or of another kind. */
export const slightlyWrong = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.tuple(value, fc.nat(), fc.jsonValue({ maxDepth: 1 }), fc.constantFrom('replace', 'drop', 'add')).map(([of, at, other, how]) => {
    if (typeof of !== 'object' || of === null || Array.isArray(of)) return other;
    const names = Object.keys(of);
    const name = names[at % Math.max(1, names.length)];
    if (how === 'add' || name === undefined) return { ...of, unheardOf: other };
    if (how === 'drop') return Object.fromEntries(Object.entries(of).filter(([each]) => each !== name));
    return { ...of, [name]: other };
  });
