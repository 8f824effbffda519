import { z } from 'zod';

import type { AttributeDescription, ObjectTypeDescription } from '../connector.js';
import { ServiceProviderConfig } from './answers.js';
import { isKind, type ScimApi } from './api.js';
import { coreGroupUrn, coreUserUrn, enterpriseUserUrn, isObject, type ScimObject, valueOf } from './paths.js';

interface SchemaAttribute {
  readonly name: string;
  readonly type: AttributeDescription['type'];
  readonly multiValued: boolean;
  readonly required: boolean;
  readonly mutability: string;
  readonly subAttributes: readonly SchemaAttribute[];
}

const types = ['string', 'integer', 'decimal', 'boolean', 'dateTime', 'reference', 'binary', 'complex'] as const;
const SchemaAttribute: z.ZodType<SchemaAttribute> = z.object({
  name: z.string().min(1),
  type: z.enum(types).catch('string'),
  multiValued: z.boolean().catch(false),
  required: z.boolean().catch(false),
  mutability: z.string().catch('readWrite'),
  subAttributes: z.array(z.lazy(() => SchemaAttribute)).catch([]),
});
const Schema = z.object({ id: z.string(), attributes: z.array(SchemaAttribute) });
type Schema = z.infer<typeof Schema>;

const common: AttributeDescription[] = [
  { name: 'id', type: 'string', multiValued: false, required: false, readOnly: true },
  { name: 'externalId', type: 'string', multiValued: false, required: false, readOnly: false },
];

/** Answers that mean "I do not tell": discovery is optional in practice. Bad credentials or an outage are told, not taken for that. */
const isNotTold = (error: unknown): boolean => isKind(error, 'gone', 'forbidden', 'protocol', 'rejected', 'misconfigured');

/** What the target says of itself; empty when it does not. Older servers spell the address in the plural. */
export async function readProviderConfig(api: ScimApi, signal: AbortSignal): Promise<ServiceProviderConfig> {
  for (const path of ['/ServiceProviderConfig', '/ServiceProviderConfigs']) {
    const json = await tell(api, path, signal);
    const read = json ? ServiceProviderConfig.safeParse(json) : null;
    if (read?.success) return read.data;
  }
  return {};
}

/** Users and groups as the target's schemas describe them, in the notation of mappings; as the standard does when it publishes none. */
export async function describeTypes(api: ScimApi, signal: AbortSignal): Promise<ObjectTypeDescription[]> {
  const schemas = schemasIn(await tell(api, '/Schemas', signal));
  return [
    describeType('User', coreUserUrn, standardUser, schemas),
    unmappableMembers(describeType('Group', coreGroupUrn, standardGroup, schemas)),
  ];
}

function describeType(
  name: 'User' | 'Group',
  urn: string,
  standard: readonly AttributeDescription[],
  schemas: readonly Schema[],
): ObjectTypeDescription {
  const core = schemas.find(({ id }) => id.toLowerCase() === urn.toLowerCase());
  if (!core) return { name, attributes: standard, complete: false };
  const extensions = schemas.filter((schema) => schema !== core && new RegExp(`:extension:.*:${name}$`, 'i').test(schema.id));
  const own = new Set(core.attributes.map((attribute) => attribute.name.toLowerCase()));
  const attributes = [
    ...common.filter((attribute) => !own.has(attribute.name.toLowerCase())),
    ...flatten(core.attributes, ''),
    ...extensions.flatMap((extension) => flatten(extension.attributes, `${extension.id}:`)),
  ];
  return { name, attributes, complete: true };
}

/** Members are written one by one and by themselves: no mapping may write the list. */
function unmappableMembers(description: ObjectTypeDescription): ObjectTypeDescription {
  const attributes = description.attributes.map((attribute) =>
    /^members(\.|$)/i.test(attribute.name) ? { ...attribute, readOnly: true } : attribute,
  );
  return { ...description, attributes };
}

async function tell(api: ScimApi, path: string, signal: AbortSignal): Promise<ScimObject | null> {
  try {
    return (await api.client.send({ method: 'GET', path }, signal)).json;
  } catch (error) {
    if (isNotTold(error)) return null;
    throw error;
  }
}

function schemasIn(json: ScimObject | null): Schema[] {
  const listed = json ? valueOf(json, 'Resources') : null;
  if (!Array.isArray(listed)) return [];
  return listed.filter(isObject).flatMap((item) => {
    const read = Schema.safeParse(item);
    return read.success ? [read.data] : [];
  });
}

function flatten(attributes: readonly SchemaAttribute[], prefix: string): AttributeDescription[] {
  return attributes.flatMap((attribute) => {
    const { name, type, multiValued, required, mutability, subAttributes } = attribute;
    const subs = flatten(subAttributes, `${prefix}${name}.`).map((sub) => ({
      ...sub,
      required: sub.required && required,
      readOnly: sub.readOnly || mutability === 'readOnly',
    }));
    return [{ name: prefix + name, type, multiValued, required, readOnly: mutability === 'readOnly' }, ...subs];
  });
}

// ---------------------------------------------------------------- the standard's own users and groups, for targets that describe nothing

const plain = (names: string, type: AttributeDescription['type'] = 'string') =>
  names.split(' ').map(
    (name): SchemaAttribute => ({
      name,
      type,
      multiValued: false,
      required: name === 'userName',
      mutability: 'readWrite',
      subAttributes: [],
    }),
  );
const nested = (name: string, subAttributes: SchemaAttribute[], multiValued = false): SchemaAttribute => ({
  name,
  type: 'complex',
  multiValued,
  required: false,
  mutability: name === 'groups' ? 'readOnly' : 'readWrite',
  subAttributes,
});
const labelled = [...plain('value display type'), ...plain('primary', 'boolean')];

const standardUser: AttributeDescription[] = [
  ...common,
  ...flatten(
    [
      ...plain('userName displayName nickName profileUrl title userType preferredLanguage locale timezone password'),
      ...plain('active', 'boolean'),
      nested('name', plain('formatted familyName givenName middleName honorificPrefix honorificSuffix')),
      ...['emails', 'phoneNumbers', 'ims', 'photos', 'groups', 'entitlements', 'roles', 'x509Certificates'].map((name) =>
        nested(name, labelled, true),
      ),
      nested(
        'addresses',
        [...plain('formatted streetAddress locality region postalCode country type'), ...plain('primary', 'boolean')],
        true,
      ),
    ],
    '',
  ),
  ...flatten(
    [...plain('employeeNumber costCenter organization division department'), nested('manager', plain('value displayName'))],
    `${enterpriseUserUrn}:`,
  ),
];

const standardGroup: AttributeDescription[] = [
  ...common,
  ...flatten([...plain('displayName'), nested('members', plain('value display type'), true)], ''),
];
