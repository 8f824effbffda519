import { z } from 'zod';

import { isObject, type ScimObject, valueOf } from './paths.js';

/** A numeric id is an id. */
const Id = z.union([z.string().min(1), z.number().transform(String)]);
const Count = z.coerce.number().int().min(0);

const IdOf = z.object({ id: Id });
const List = z.object({
  totalResults: Count.nullish().transform((count) => count ?? null),
  resources: z
    .array(z.custom<ScimObject>(isObject))
    .nullish()
    .transform((resources) => resources ?? null),
});

/** An object with its id. */
export interface ScimResource {
  readonly id: string;
  readonly content: ScimObject;
}

export interface ScimList {
  readonly totalResults: number | null;
  readonly resources: readonly ScimResource[];
}

/** A resource, or what is wrong with the answer. */
export function readResource(json: ScimObject): ScimResource | string {
  if (isListLike(json)) return 'a list came where one object was asked for';
  const read = IdOf.safeParse({ id: valueOf(json, 'id') });
  return read.success ? { id: read.data.id, content: json } : 'the object has no id';
}

/** A list, or what is wrong with the answer. Without `Resources` it is empty, as long as it says so itself. */
export function readList(json: ScimObject): ScimList | string {
  if (!isListLike(json)) return 'it is not a list';
  const read = List.safeParse({ totalResults: valueOf(json, 'totalResults'), resources: valueOf(json, 'Resources') });
  if (!read.success) return 'its Resources or totalResults cannot be read';
  const { totalResults, resources } = read.data;
  if (resources === null && (totalResults ?? 0) > 0) return `it promises ${totalResults} and has no Resources`;
  const items: ScimResource[] = [];
  for (const content of resources ?? []) {
    const resource = readResource(content);
    if (typeof resource === 'string') return resource;
    items.push(resource);
  }
  return { totalResults, resources: items };
}

/** What a list shows itself by: an empty object is none. */
function isListLike(json: ScimObject): boolean {
  if (valueOf(json, 'Resources') !== undefined || valueOf(json, 'totalResults') !== undefined) return true;
  const schemas = valueOf(json, 'schemas');
  return Array.isArray(schemas) && schemas.some((urn) => typeof urn === 'string' && /:ListResponse$/i.test(urn));
}

/** ServiceProviderConfig, as far as it matters here; what cannot be read is not known. */
const Flag = z
  .object({ supported: z.boolean().optional().catch(undefined), maxResults: z.number().optional().catch(undefined) })
  .optional()
  .catch(undefined);
export const ServiceProviderConfig = z.object({ patch: Flag, filter: Flag });
export type ServiceProviderConfig = z.infer<typeof ServiceProviderConfig>;
