import type { DataOf, LogEvent } from '@provident/contracts';
import {
  AccessDenied,
  ConnectionTested,
  CycleClosed,
  DriftFound,
  EscrowCleared,
  EscrowExpired,
  EscrowRecorded,
  EscrowSuperseded,
  EscrowWoken,
  ExportDeferred,
  ExportFailed,
  ImportFailed,
  JobDisabled,
  JobQuarantined,
  LinkRemoved,
  LinkRepaired,
  is,
  NoticeFailed,
  MembershipsImported,
  ObjectExported,
  ObjectImportFailed,
  RemovalHeld,
  RemovalRejected,
  RemovalWithdrawn,
  RemovalsHeld,
  RetryDue,
  RuleEvaluated,
  SourceObjectImported,
  TargetObjectImported,
} from '@provident/contracts';
import type { Activity, AuditStatus } from '@provident/read-model';

import type { Projection } from '../projection.js';
import { BinaryRows } from '../sql/binary-rows.js';
import { isStorable, storableJson, storableJsonText } from '../sql/clean-json.js';
import type { Flight } from '../sql/flight.js';
import { msOf } from '../sql/instants.js';
import type { ChangeStep } from '../story/change-stories.js';

const columns =
  'sequence, id, type, at, job_id, cycle_id, change_id, object_key, lane, stage, activity, status, source_id, target_id, data';

const decoder = new TextDecoder();

/** Every event of the log, one row each. */
export class AuditEventProjection implements Projection {
  readonly name = 'audit-event';
  private readonly rows = new BinaryRows(15);

  hear(event: LogEvent, step: ChangeStep | null): void {
    const facts = event.data as Partial<Record<'cycleId' | 'changeId' | 'objectKey', string>>;
    const ids = step?.story ?? (isLink(event) ? event.data : null);
    const [activity, status] = classify(event);
    const { rows } = this;
    rows.row();
    rows.int8(event.sequence);
    rows.text(event.id);
    rows.text(event.type);
    rows.instant(msOf(event.at));
    rows.text(event.jobId);
    rows.text(facts.cycleId);
    rows.text(facts.changeId);
    rows.text(facts.objectKey);
    rows.text(event.lane);
    rows.text(event.stage);
    rows.text(activity);
    rows.text(status);
    rows.text(ids?.sourceId);
    rows.text(ids?.targetId);
    if (!event.raw) rows.text(storableJson(event.data));
    else if (isStorable(event.raw)) rows.bytes(event.raw);
    else rows.text(storableJsonText(decoder.decode(event.raw)));
  }

  write(flight: Flight): void {
    if (!this.rows.isEmpty) flight.copy(`audit_event (${columns})`, this.rows);
  }

  forget(): void {
    this.rows.clear();
  }
}

/** What a person said of a link, and what was found changed by hand, names the two that it is about. */
const isLink = (event: LogEvent): event is LogEvent<DataOf<typeof LinkRemoved>> =>
  is(event, LinkRemoved) || is(event, LinkRepaired) || is(event, DriftFound);

const kinds = new Map<string, readonly [Activity, AuditStatus]>([
  [SourceObjectImported.type, ['import', 'success']],
  [TargetObjectImported.type, ['import', 'success']],
  [MembershipsImported.type, ['import', 'success']],
  [ObjectImportFailed.type, ['import', 'failure']],
  [RuleEvaluated.type, ['synchronization-rule', 'success']],
  [ObjectExported.type, ['export', 'success']],
  [ExportFailed.type, ['export', 'failure']],
  [RemovalHeld.type, ['export', 'warning']],
  [RemovalWithdrawn.type, ['export', 'skipped']],
  [RemovalRejected.type, ['export', 'skipped']],
  [ExportDeferred.type, ['export', 'skipped']],
  [EscrowRecorded.type, ['process-escrow', 'warning']],
  [EscrowWoken.type, ['process-escrow', 'success']],
  [EscrowSuperseded.type, ['process-escrow', 'success']],
  [RetryDue.type, ['process-escrow', 'success']],
  [EscrowCleared.type, ['process-escrow', 'success']],
  [EscrowExpired.type, ['process-escrow', 'failure']],
  [ImportFailed.type, ['job', 'failure']],
  [RemovalsHeld.type, ['job', 'warning']],
  [JobQuarantined.type, ['job', 'failure']],
  [JobDisabled.type, ['job', 'failure']],
  [NoticeFailed.type, ['job', 'warning']],
  [DriftFound.type, ['job', 'warning']],
  [AccessDenied.type, ['job', 'failure']],
]);

/** The activity that an event belongs to, and how that one step went. */
export function classify(event: LogEvent): readonly [Activity, AuditStatus] {
  const kind = kinds.get(event.type) ?? ['job', 'success'];
  if (event.type === RuleEvaluated.type) {
    const { action } = event.data as { action: string };
    if (action === 'skip' || action === 'unchanged') return ['synchronization-rule', 'skipped'];
    if (action === 'fail') return ['synchronization-rule', 'failure'];
  }
  if (event.type === CycleClosed.type) {
    const { result } = event.data as { result: string };
    if (result !== 'succeeded') return ['job', result === 'failed' ? 'failure' : 'warning'];
  }
  if (event.type === ConnectionTested.type) return ['job', (event.data as { result: 'success' | 'failure' }).result];
  return kind;
}
