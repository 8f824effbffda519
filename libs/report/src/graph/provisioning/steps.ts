import {
  type DataOf,
  EscrowCleared,
  EscrowExpired,
  EscrowRecorded,
  EscrowSuperseded,
  EscrowWoken,
  type EventDefinition,
  ExportDeferred,
  ExportFailed,
  ObjectExported,
  ObjectImportFailed,
  type ProvisioningStep,
  RemovalHeld,
  RemovalRejected,
  RemovalWithdrawn,
  type ResolvedReference,
  RetryDue,
  RuleEvaluated,
  SourceObjectImported,
  TargetObjectImported,
} from '@provident/contracts';
import { type AttributeBag, textOf } from '@provident/domain';

import type { StepRecord } from '../../log/entry-record.js';
import { stepText } from '../../sentences/step-text.js';
import type { Systems } from '../../sentences/words.js';
import { pascalCase, truth } from '../words.js';
import { errorCodeOf } from './error-information.js';

type Step = Omit<ProvisioningStep, 'description' | 'details'> & { readonly details?: Record<string, string> };

const told = <Definition extends EventDefinition>(
  definition: Definition,
  steps: (data: DataOf<Definition>) => Step[],
): readonly [string, (data: never) => Step[]] => [definition.type, steps as (data: never) => Step[]];

const importNames = { added: 'EntryImportAdd', updated: 'EntryImportUpdate', deleted: 'EntryImportDelete', again: 'EntryImport' } as const;
const exportNames = {
  create: 'EntryExportAdd',
  update: 'EntryExportUpdate',
  disable: 'EntryExportUpdate',
  delete: 'EntryExportDelete',
} as const;
const decisionNames = {
  create: 'EntrySynchronizationAdd',
  update: 'EntrySynchronizationUpdate',
  disable: 'EntrySynchronizationDisable',
  delete: 'EntrySynchronizationDelete',
} as const;
const escrow = { provisioningStepType: 'processing' } as const;

const texts = (attributes: AttributeBag): Record<string, string> =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, textOf(value)]));
const written = (changes: readonly { attribute: string; new: unknown }[]): Record<string, string> =>
  Object.fromEntries(changes.map((change) => [change.attribute, textOf(change.new as never)]));

const chapters: ReadonlyMap<string, (data: never) => Step[]> = new Map([
  told(SourceObjectImported, ({ change, attributes }) => [
    { name: importNames[change], provisioningStepType: 'import', status: 'success', details: texts(attributes) },
  ]),
  told(TargetObjectImported, ({ matches, references = [] }) => [
    {
      name: matches.length === 0 ? 'EntryImportObjectNotFound' : 'EntryImport',
      provisioningStepType: 'matching',
      status: matches.length > 1 ? 'warning' : 'success',
      details: matches.length === 1 ? texts(matches[0]!.attributes) : {},
    },
    ...references.map(resolution),
  ]),
  told(ObjectImportFailed, ({ failure, side }) => [
    {
      name: 'EntryImport',
      provisioningStepType: side === 'source' ? 'import' : 'matching',
      status: 'failure',
      details: { ErrorCode: errorCodeOf(failure) },
    },
  ]),
  told(RuleEvaluated, (data) => [...scoping(data), decision(data)]),
  told(ObjectExported, ({ action, targetId, changes }) => [
    {
      name: exportNames[action],
      provisioningStepType: 'export',
      status: 'success',
      details: { ...written(changes), ReportableIdentifier: targetId },
    },
  ]),
  told(ExportFailed, ({ action, changes, failure }) => [
    {
      name: exportNames[action],
      provisioningStepType: 'export',
      status: 'failure',
      details: { ...written(changes), ErrorCode: errorCodeOf(failure) },
    },
  ]),
  told(RemovalHeld, ({ action, targetId }) => [
    { name: exportNames[action], provisioningStepType: 'export', status: 'warning', details: { ReportableIdentifier: targetId } },
  ]),
  told(RemovalWithdrawn, ({ reason }) => [skip(reason.code)]),
  told(RemovalRejected, ({ reason }) => [skip(reason.code)]),
  told(ExportDeferred, ({ reason }) => [skip(reason.code)]),
  told(EscrowRecorded, ({ failure }) => [
    { name: 'EntryEscrowAdd', ...escrow, status: 'warning', details: { ErrorCode: errorCodeOf(failure) } },
  ]),
  told(EscrowWoken, () => [{ name: 'EntryEscrowWake', ...escrow, status: 'success' }]),
  told(EscrowSuperseded, () => [{ name: 'EntryEscrowSupersede', ...escrow, status: 'success' }]),
  told(RetryDue, () => [{ name: 'EntryEscrowRetry', provisioningStepType: 'import', status: 'success' }]),
  told(EscrowCleared, () => [{ name: 'EntryEscrowRemove', ...escrow, status: 'success' }]),
  told(EscrowExpired, ({ failure }) => [
    { name: 'EntryEscrowRemove', ...escrow, status: 'failure', details: { ErrorCode: errorCodeOf(failure) } },
  ]),
]);

/** Which account a reference leads to; one that leads to none yet, or to none that may be written, is made up for by itself or says why. */
function resolution({ attribute, to, state, id }: ResolvedReference): Step {
  return {
    name: 'EntryReferenceResolution',
    provisioningStepType: 'referenceResolution',
    status: state === 'resolved' || to === null ? 'success' : 'warning',
    details: { [attribute]: id ?? '', ...(to !== null && { ReferencedObject: to }), ReferenceState: state },
  };
}

/** Whether the person is wanted, with every condition that was looked at. Of what could not be imported there is nothing to look at. */
function scoping({ scope, reason }: DataOf<typeof RuleEvaluated>): Step[] {
  if (reason.code === 'import-failed') return [];
  const clauses = scope.clauses.map(({ filter, clause, holds }) => [`${filter}.${clause}`, holds] as const);
  return [
    {
      name: 'EntrySynchronizationScoping',
      provisioningStepType: 'scoping',
      status: 'success',
      details: {
        'Active in the source system': truth(reason.code !== 'not-active'),
        'Scoping filter evaluation passed': truth(scope.inScope),
        ScopeEvaluationResult: JSON.stringify(Object.fromEntries(clauses)),
      },
    },
  ];
}

function decision({ action, reason, failure, match }: DataOf<typeof RuleEvaluated>): Step {
  if (action === 'skip' || action === 'unchanged') return skip(action === 'unchanged' ? 'redundant-export' : reason.code);
  const joining: Record<string, string> = match ? { JoiningProperty: textOf(match.value) } : {};
  if (action !== 'fail') return { name: decisionNames[action], provisioningStepType: 'processing', status: 'success', details: joining };
  const ErrorCode = failure ? errorCodeOf(failure) : pascalCase(reason.code);
  return { name: 'EntrySynchronizationError', provisioningStepType: 'processing', status: 'failure', details: { ...joining, ErrorCode } };
}

const notEntitled: ReadonlySet<string> = new Set(['out-of-scope', 'not-assigned', 'not-active', 'never-linked']);

const skip = (code: string): Step => ({
  name: 'EntrySynchronizationSkip',
  provisioningStepType: 'export',
  status: 'skipped',
  details: { SkipReason: notEntitled.has(code) ? 'NotEffectivelyEntitled' : pascalCase(code) },
});

/** The steps that an event of a change tells of, in their order. */
export function stepsOf({ type, data }: Pick<StepRecord, 'type' | 'data'>, systems: Systems): ProvisioningStep[] {
  const { text } = stepText(type, data, systems);
  return (chapters.get(type)?.(data as never) ?? []).map(({ name, provisioningStepType, status, details = {} }) => ({
    name,
    provisioningStepType,
    status,
    description: text,
    details,
  }));
}
