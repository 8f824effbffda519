import type { z } from 'zod';

/** A published event type. A published version never changes: a new shape is a new version with an upcaster from the old one. */
export interface EventDefinition<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly version: number;
  readonly schema: z.ZodType<Data>;
  /** Turns the data of version n into that of version n + 1, by n. */
  readonly upcasters: Readonly<Record<number, (data: unknown) => unknown>>;
}

const definitions = new Map<string, EventDefinition>();

/**
 * Defines an event and makes it known to the codec. The wire name is `provident.<type>.v<version>`.
 * @throws Error when the type was defined before: a bug
 */
export function defineEvent<Type extends string, Schema extends z.ZodType>(
  type: Type,
  version: number,
  schema: Schema,
  upcasters: EventDefinition['upcasters'] = {},
): EventDefinition<Type, z.infer<Schema>> {
  if (definitions.has(type)) throw new Error(`event ${type} is defined twice`);
  const definition = { type, version, schema: schema as unknown as z.ZodType<z.infer<Schema>>, upcasters };
  definitions.set(type, definition as EventDefinition);
  return definition;
}

/** Every event type that this build knows. */
export const eventDefinitions = (): ReadonlyMap<string, EventDefinition> => definitions;

/** The data of an event. */
export type DataOf<Definition> = Definition extends EventDefinition<string, infer Data> ? Data : never;
