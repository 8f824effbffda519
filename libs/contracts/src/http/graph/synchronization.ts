import { z } from 'zod';

/** Jobs and their schema in the shapes of Graph's synchronization API. Its enumerations are written in PascalCase. */

export const quarantineReasons = [
  'EncounteredQuarantineException',
  'EncounteredBaseEscrowThreshold',
  'EncounteredTotalEscrowThreshold',
  'EncounteredEscrowProportionThreshold',
  'TooManyDeletes',
  'Unknown',
] as const;

const KeyValue = z.object({ key: z.string(), value: z.string() });
const Metadata = z.array(KeyValue);

export const ServicePrincipal = z.object({
  id: z.string(),
  appId: z.string(),
  displayName: z.string(),
  servicePrincipalType: z.literal('Application'),
  accountEnabled: z.boolean(),
});
export type ServicePrincipal = z.infer<typeof ServicePrincipal>;

export const SynchronizationError = z.object({ code: z.string(), message: z.string(), tenantActionable: z.boolean() });

export const SynchronizationTaskExecution = z.object({
  activityIdentifier: z.string().nullable(),
  state: z.enum(['Succeeded', 'Failed', 'EntryLevelErrors']),
  timeBegan: z.string(),
  timeEnded: z.string(),
  countEntitled: z.int(),
  countEntitledForProvisioning: z.int(),
  countEscrowed: z.int(),
  countEscrowedRaw: z.int(),
  countExported: z.int(),
  countExports: z.int(),
  countImported: z.int(),
  countImportedDeltas: z.int(),
  countImportedReferenceDeltas: z.int(),
  error: SynchronizationError.nullable(),
});
export type SynchronizationTaskExecution = z.infer<typeof SynchronizationTaskExecution>;

export const SynchronizationStatus = z.object({
  code: z.enum(['NotConfigured', 'NotRun', 'Active', 'Paused', 'Quarantine']),
  countSuccessiveCompleteFailures: z.int(),
  escrowsPruned: z.boolean(),
  lastExecution: SynchronizationTaskExecution.nullable(),
  lastSuccessfulExecution: SynchronizationTaskExecution.nullable(),
  lastSuccessfulExecutionWithExports: SynchronizationTaskExecution.nullable(),
  /** Empty while no cycle runs. */
  progress: z.array(z.object({ completedUnits: z.int(), totalUnits: z.int(), units: z.string(), progressObservationDateTime: z.string() })),
  quarantine: z
    .object({
      reason: z.enum(quarantineReasons),
      currentBegan: z.string(),
      nextAttempt: z.string(),
      seriesBegan: z.string(),
      seriesCount: z.int(),
      error: SynchronizationError,
    })
    .nullable(),
  /** The year 1 for "never". */
  steadyStateFirstAchievedTime: z.string(),
  steadyStateLastAchievedTime: z.string(),
  synchronizedEntryCountByType: z.array(z.object({ key: z.string(), value: z.int() })),
  troubleshootingUrl: z.string(),
});
export type SynchronizationStatus = z.infer<typeof SynchronizationStatus>;

export const SynchronizationJob = z.object({
  id: z.string(),
  templateId: z.string(),
  schedule: z.object({ expiration: z.string().nullable(), interval: z.string(), state: z.enum(['Active', 'Disabled', 'Paused']) }),
  status: SynchronizationStatus,
  synchronizationJobSettings: z.array(z.object({ name: z.string(), value: z.string() })),
});
export type SynchronizationJob = z.infer<typeof SynchronizationJob>;

/** What a job is made from; whatever else is given of one is what the server says of it. */
export const SynchronizationJobOrder = z.object({ templateId: z.string().min(1).max(100) });
export type SynchronizationJobOrder = z.infer<typeof SynchronizationJobOrder>;

export const SynchronizationTemplate = z.object({
  id: z.string(),
  applicationId: z.string(),
  default: z.boolean(),
  discoverable: z.boolean(),
  description: z.string(),
  factoryTag: z.string(),
  metadata: Metadata,
});
export type SynchronizationTemplate = z.infer<typeof SynchronizationTemplate>;

/** Where a value comes from. An expression is a tree of functions. */
export interface AttributeMappingSource {
  expression: string;
  name: string;
  type: 'Attribute' | 'Constant' | 'Function';
  parameters: { key: string; value: AttributeMappingSource }[];
}
export const AttributeMappingSource: z.ZodType<AttributeMappingSource> = z
  .object({
    expression: z.string(),
    name: z.string(),
    type: z.enum(['Attribute', 'Constant', 'Function']),
    get parameters() {
      return z.array(z.object({ key: z.string(), value: AttributeMappingSource }));
    },
  })
  .meta({ id: 'AttributeMappingSource' });

const FilterGroup = z.object({
  name: z.string(),
  clauses: z.array(
    z.object({ operatorName: z.string(), sourceOperandName: z.string(), targetOperand: z.object({ values: z.array(z.string()) }) }),
  ),
});

const ObjectMappingSchema = z.object({
  name: z.string(),
  enabled: z.boolean(),
  flowTypes: z.string(),
  sourceObjectName: z.string(),
  targetObjectName: z.string(),
  scope: z
    .object({ groups: z.array(FilterGroup), inputFilterGroups: z.array(FilterGroup), categoryFilterGroups: z.array(FilterGroup) })
    .nullable(),
  attributeMappings: z.array(
    z.object({
      targetAttributeName: z.string(),
      source: AttributeMappingSource.nullable(),
      matchingPriority: z.int(),
      defaultValue: z.string().nullable(),
      flowBehavior: z.enum(['FlowWhenChanged', 'FlowAlways']),
      flowType: z.enum(['Always', 'ObjectAddOnly']),
      exportMissingReferences: z.boolean(),
    }),
  ),
  metadata: Metadata,
});

const AttributeDefinition = z.object({
  name: z.string(),
  type: z.enum(['String', 'Integer', 'Reference', 'Binary', 'Boolean', 'DateTime']),
  anchor: z.boolean(),
  required: z.boolean(),
  multivalued: z.boolean(),
  caseExact: z.boolean(),
  mutability: z.enum(['ReadWrite', 'ReadOnly', 'Immutable', 'WriteOnly']),
  defaultValue: z.string().nullable(),
  flowNullValues: z.boolean(),
  referencedObjects: z.array(z.object({ referencedObjectName: z.string(), referencedProperty: z.string().nullable() })),
  apiExpressions: z.array(z.unknown()),
  metadata: Metadata,
});

export const DirectoryDefinition = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  readOnly: z.boolean(),
  discoveryDateTime: z.string().nullable(),
  discoverabilities: z.string(),
  objects: z.array(
    z.object({ name: z.string(), attributes: z.array(AttributeDefinition), supportedApis: z.array(z.string()), metadata: Metadata }),
  ),
});

export type DirectoryDefinition = z.infer<typeof DirectoryDefinition>;

export const SynchronizationSchema = z.object({
  id: z.string(),
  version: z.string(),
  synchronizationRules: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      priority: z.int(),
      editable: z.boolean(),
      sourceDirectoryName: z.string(),
      targetDirectoryName: z.string(),
      objectMappings: z.array(ObjectMappingSchema),
      containerFilter: z.object({ includedContainers: z.array(z.string()) }),
      groupFilter: z.object({ includedGroups: z.array(z.string()) }),
      metadata: Metadata,
    }),
  ),
  directories: z.array(DirectoryDefinition),
});
export type SynchronizationSchema = z.infer<typeof SynchronizationSchema>;

/** A schema as it is given: what is left out is as in a new one, and what a job cannot say is refused where it stands. */
export const SynchronizationSchemaOrder = z.record(z.string(), z.unknown()).meta({ description: 'A SynchronizationSchema' });
export type SynchronizationSchemaOrder = z.infer<typeof SynchronizationSchemaOrder>;

export const AttributeMappingFunctionSchema = z.object({
  name: z.string(),
  parameters: z.array(
    z.object({ name: z.string(), type: AttributeDefinition.shape.type, required: z.boolean(), allowMultipleOccurrences: z.boolean() }),
  ),
});
export type AttributeMappingFunctionSchema = z.infer<typeof AttributeMappingFunctionSchema>;

export const FilterOperatorSchema = z.object({
  id: z.string(),
  name: z.string(),
  arity: z.enum(['Binary', 'Unary']),
  multivaluedComparisonType: z.enum(['All', 'Any']),
  supportedAttributeTypes: z.array(AttributeDefinition.shape.type),
});
export type FilterOperatorSchema = z.infer<typeof FilterOperatorSchema>;

/** An expression, and the object that it is tried with. Members that only describe types are taken and not needed. */
export const ParseExpressionOrder = z.object({
  expression: z.string().max(20_000),
  testInputObject: z.object({ properties: z.array(z.object({ key: z.string(), value: z.unknown() })).default([]) }).nullish(),
  targetAttributeDefinition: z.unknown().optional(),
});
export type ParseExpressionOrder = z.infer<typeof ParseExpressionOrder>;

export const ParseExpressionResponse = z.object({
  parsingSucceeded: z.boolean(),
  evaluationSucceeded: z.boolean(),
  evaluationResult: z.array(z.string()),
  parsedExpression: AttributeMappingSource.nullable(),
  error: z.object({ code: z.string(), message: z.string(), target: z.string().nullable() }).nullable(),
});
export type ParseExpressionResponse = z.infer<typeof ParseExpressionResponse>;

/** A secret as it is shown: its value is null. A setting that is none has its value. */
export const SynchronizationSecret = z.object({ key: z.string(), value: z.string().nullable() });
export type SynchronizationSecret = z.infer<typeof SynchronizationSecret>;

/** Where an application's jobs, templates and secrets hang. */
export const Synchronization = z.object({ id: z.string(), secrets: z.array(SynchronizationSecret) });
export type Synchronization = z.infer<typeof Synchronization>;

const SecretsToSet = z
  .array(z.object({ key: z.string().max(100), value: z.string().max(65_536).nullable() }))
  .min(1)
  .max(50);

/** `synchronizationSecretKeyStringValuePair`s; `value` null leaves a setting as it is. */
export const SynchronizationSecretsOrder = z.object({ value: SecretsToSet });
export type SynchronizationSecretsOrder = z.infer<typeof SynchronizationSecretsOrder>;

/** The same as a property of the entity. Jobs and templates have paths of their own. */
export const SynchronizationOrder = z.strictObject({
  '@odata.context': z.string().optional(),
  id: z.string().optional(),
  secrets: SecretsToSet,
});
export type SynchronizationOrder = z.infer<typeof SynchronizationOrder>;

/** By what the target is to let us in from now on; without any, what is saved is tried. */
export const AcquireAccessTokenOrder = z.object({ credentials: SecretsToSet.nullish() });
export type AcquireAccessTokenOrder = z.infer<typeof AcquireAccessTokenOrder>;

/** Secrets stay where the job refers to them: only what is saved can be tried. */
export const ValidateCredentialsOrder = z.object({
  useSavedCredentials: z.boolean().optional(),
  applicationIdentifier: z.string().nullish(),
  templateId: z.string().nullish(),
  credentials: z.array(z.object({ key: z.string(), value: z.string() })).nullish(),
});

/** `resetScope`: what is let go of, such as `Watermark, Escrows`. */
export const RestartCriteriaOrder = z.object({ criteria: z.object({ resetScope: z.string().max(1_000).nullish() }).nullish() });

const OnDemandSubject = z.object({
  objectId: z.string().min(1).max(1_000),
  objectTypeName: z.string().min(1).max(60).default('User'),
  links: z.null('objects with links, such as groups with members, are not provisioned').optional(),
});

/** A job has one rule, so that there is one parameter. */
export const ProvisionOnDemandOrder = z.object({
  parameters: z.tuple([z.object({ ruleId: z.string(), subjects: z.array(OnDemandSubject).min(1).max(5) })]),
});
export type ProvisionOnDemandOrder = z.infer<typeof ProvisionOnDemandOrder>;

/** `stringKeyStringValuePair`: both are texts of JSON, an `OnDemandOutcome` and an `OnDemandObject`, or a list of those where several were asked for. */
export const ProvisionOnDemandResponse = z.object({ key: z.string(), value: z.string() });
export type ProvisionOnDemandResponse = z.infer<typeof ProvisionOnDemandResponse>;

/** One person's account, found by an identifier of either side. */
export const ObjectConnection = z.object({
  objectId: z.string(),
  sourceAnchor: z.string(),
  targetAnchor: z.string(),
  displayName: z.string(),
  objectTypeName: z.string(),
});
export type ObjectConnection = z.infer<typeof ObjectConnection>;
