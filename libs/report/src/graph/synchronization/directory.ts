import type { DirectoryDefinition, SynchronizationSchema, SystemView } from '@provident/contracts';

import { NotFound } from '../../database.js';

/** @throws NotFound */
export function directoryIn({ directories }: Pick<SynchronizationSchema, 'directories'>, directoryId: string): DirectoryDefinition {
  const known = directories.find(({ id }) => id === directoryId.toLowerCase());
  if (!known)
    throw new NotFound(
      `the schema has no directory ${directoryId}, only ${directories.map(({ id, name }) => `${id} (${name})`).join(', ')}`,
    );
  return known;
}

/**
 * A directory as its system describes itself. An attribute that the rules name, and the system does not, stands behind the others where the system may
 * have more than it tells.
 * @param at when it was asked, in UTC
 */
export function discoveredDirectory(directory: DirectoryDefinition, { objectTypes }: SystemView, at: string): DirectoryDefinition {
  const told = objectTypes.map(({ name, complete, attributes }) => {
    const named = directory.objects.find((each) => each.name === name)?.attributes ?? [];
    const own = new Set(attributes.map((each) => each.name));
    return {
      name,
      attributes: [
        ...attributes.map((each) => attributeOf(each, named.find((known) => known.name === each.name) ?? null)),
        ...(complete ? [] : named.filter((known) => !own.has(known.name))),
      ],
      supportedApis: [],
      metadata: [],
    };
  });
  return { ...directory, discoveryDateTime: at, discoverabilities: 'AttributeNames, AttributeDataTypes, AttributeReadOnly', objects: told };
}

type Attribute = DirectoryDefinition['objects'][number]['attributes'][number];
type Described = SystemView['objectTypes'][number]['attributes'][number];

const types: Readonly<Record<string, Attribute['type']>> = {
  integer: 'Integer',
  boolean: 'Boolean',
  dateTime: 'DateTime',
  reference: 'Reference',
  binary: 'Binary',
};

const attributeOf = ({ name, type, multiValued, required, readOnly }: Described, named: Attribute | null): Attribute => ({
  name,
  type: types[type] ?? 'String',
  anchor: false,
  required,
  multivalued: multiValued,
  caseExact: named?.caseExact ?? true,
  mutability: readOnly ? 'ReadOnly' : 'ReadWrite',
  defaultValue: null,
  flowNullValues: false,
  referencedObjects: [],
  apiExpressions: [],
  metadata: [],
});
