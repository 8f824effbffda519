import type { AttributeMappingFunctionSchema, FilterOperatorSchema, SynchronizationSchema } from '@provident/contracts';
import {
  functionDefinitions,
  type JobDefinition,
  type ObjectMapping,
  type ParameterType,
  type ScopeClause,
  scopeOperators,
  sourceAttributesOf,
  targetAttributesOf,
  unaryOperators,
} from '@provident/domain';

import type { ReadModels } from '../../database.js';
import { partId } from '../ids.js';
import { getJobStatus } from '../../get-job-status.query.js';
import { jobLife } from './get-job.query.js';
import { mappingSource } from './mapping-source.js';

/** A job's rules in the form of Graph's synchronization schema. @throws NotFound */
export async function getSynchronizationSchema(models: ReadModels, jobId: string): Promise<SynchronizationSchema> {
  const { definition, names } = await getSchemaParts(models, jobId);
  return synchronizationSchema(definition, names);
}

/** What a job's schema is made of. @throws NotFound */
export async function getSchemaParts(models: ReadModels, jobId: string): Promise<{ definition: JobDefinition; names: SchemaNames }> {
  const [{ definition, life }, status] = await Promise.all([jobLife(models, jobId), getJobStatus(models, jobId, null)]);
  return { definition, names: { revision: life.revision, source: status.source, target: status.target } };
}

/** What a schema says that no definition does. */
export interface SchemaNames {
  readonly revision: number;
  readonly source: string;
  readonly target: string;
}

/** @param around the revision of the definition, and the systems' names for people */
export function synchronizationSchema(definition: JobDefinition, { revision, source, target }: SchemaNames): SynchronizationSchema {
  const { job, objects } = definition;
  const version = String(revision);
  return {
    id: job,
    version,
    synchronizationRules: [
      {
        id: partId('rule', job),
        name: definition.name ?? job,
        priority: 1,
        editable: true,
        sourceDirectoryName: source,
        targetDirectoryName: target,
        objectMappings: objects.map(objectMapping),
        containerFilter: { includedContainers: [] },
        groupFilter: { includedGroups: [] },
        metadata: [],
      },
    ],
    directories: [
      directory(partId('source-directory', job), source, version, objects, (each) => [each.source, sourceAttributesOf(each)]),
      directory(partId('target-directory', job), target, version, objects, (each) => [each.target, targetAttributesOf(each)]),
    ],
  };
}

type ObjectMappingSchema = SynchronizationSchema['synchronizationRules'][number]['objectMappings'][number];

const objectMapping = (mapping: ObjectMapping): ObjectMappingSchema => ({
  name: `${mapping.source} to ${mapping.target}`,
  enabled: true,
  flowTypes: flowTypes(mapping.actions),
  sourceObjectName: mapping.source,
  targetObjectName: mapping.target,
  scope:
    mapping.scope.length === 0
      ? null
      : {
          groups: mapping.scope.map(({ name, all }) => ({ name, clauses: all.map(clause) })),
          inputFilterGroups: [],
          categoryFilterGroups: [],
        },
  attributeMappings: mapping.attributes.map((each) => ({
    targetAttributeName: each.target,
    source: mappingSource(each),
    matchingPriority: each.matching ?? 0,
    defaultValue: each.default === undefined ? null : String(each.default),
    flowBehavior: 'FlowWhenChanged',
    flowType: each.apply === 'on-create' ? 'ObjectAddOnly' : 'Always',
    exportMissingReferences: false,
  })),
  metadata: [],
});

function flowTypes(actions: ObjectMapping['actions']): string {
  const flows = [
    ...(actions.includes('create') ? ['Add'] : []),
    ...(actions.includes('update') ? ['Update'] : []),
    ...(actions.includes('delete') || actions.includes('disable') ? ['Delete'] : []),
  ];
  return flows.join(', ') || 'None';
}

const clause = ({ attribute, operator, value }: ScopeClause) => ({
  operatorName: operator,
  sourceOperandName: attribute,
  targetOperand: { values: value === undefined ? [] : [String(value)] },
});

type Directory = SynchronizationSchema['directories'][number];

function directory(
  id: string,
  name: string,
  version: string,
  objects: readonly ObjectMapping[],
  ofSide: (mapping: ObjectMapping) => [objectName: string, attributes: readonly string[]],
): Directory {
  return {
    id,
    name,
    version,
    readOnly: true,
    discoveryDateTime: null,
    discoverabilities: 'None',
    objects: objects.map((mapping) => {
      const [objectName, attributes] = ofSide(mapping);
      return { name: objectName, attributes: attributes.map((each) => attribute(each, mapping)), supportedApis: [], metadata: [] };
    }),
  };
}

const attribute = (name: string, { attributes }: ObjectMapping): Directory['objects'][number]['attributes'][number] => {
  const mapped = attributes.find(({ target }) => target === name);
  return {
    name,
    type: 'String',
    anchor: false,
    required: mapped?.required ?? false,
    multivalued: false,
    caseExact: mapped?.caseExact ?? true,
    mutability: 'ReadWrite',
    defaultValue: null,
    flowNullValues: false,
    referencedObjects: [],
    apiExpressions: [],
    metadata: [],
  };
};

const parameterTypes: Record<ParameterType, AttributeMappingFunctionSchema['parameters'][number]['type']> = {
  text: 'String',
  'whole number': 'Integer',
  date: 'DateTime',
  list: 'String',
  anything: 'String',
  condition: 'Boolean',
  pattern: 'String',
};

/** Every function that expressions may use. */
export const mappingFunctions = (): AttributeMappingFunctionSchema[] =>
  functionDefinitions.map(({ name, parameters, repeats }) => ({
    name,
    parameters: [
      ...parameters.map((each) => ({ each, allowMultipleOccurrences: false })),
      ...repeats.map((each) => ({ each, allowMultipleOccurrences: true })),
    ].map(({ each, allowMultipleOccurrences }) => ({
      name: each.name,
      type: parameterTypes[each.type],
      required: !each.isOptional,
      allowMultipleOccurrences,
    })),
  }));

/** Every operator that scoping filters may use. Of several values each must satisfy it. */
export const filterOperators = (): FilterOperatorSchema[] =>
  scopeOperators.map((name) => ({
    id: name,
    name,
    arity: unaryOperators.has(name) ? 'Unary' : 'Binary',
    multivaluedComparisonType: 'All',
    supportedAttributeTypes: supportedTypes(name),
  }));

function supportedTypes(name: (typeof scopeOperators)[number]): FilterOperatorSchema['supportedAttributeTypes'] {
  if (name.startsWith('GREATER') || name.endsWith('&')) return ['Integer'];
  if (name === 'IS TRUE' || name === 'IS FALSE') return ['Boolean'];
  return name === 'IS NULL' || name === 'IS NOT NULL' ? ['String', 'Integer', 'Boolean', 'DateTime', 'Reference', 'Binary'] : ['String'];
}
