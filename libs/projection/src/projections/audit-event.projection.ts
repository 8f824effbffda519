import type { LogEvent } from '@provident/contracts';
import {
  AccessDenied,
  CycleClosed,
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
  NoticeFailed,
  MembershipsImported,
  ObjectExported,
  ObjectImportFailed,
  RemovalHeld,
  RemovalWithdrawn,
  RemovalsHeld,
  RetryDue,
  RuleEvaluated,
  SourceObjectImported,
  TargetObjectImported,
} from '@provident/contracts';
import type { Activity, AuditStatus } from '@provident/read-model';

import type { Projection } from '../projection.js';
import type { Connection } from '../sql/connection.js';
import { storableJson, storableJsonText } from '../sql/clean-json.js';
import { CopyRows, copyValue } from '../sql/copy-rows.js';
import type { ChangeStep } from '../story/change-stories.js';

const columns =
  'sequence, id, type, at, job_id, cycle_id, change_id, object_key, lane, stage, activity, status, source_id, target_id, data';

/** Every event of the log, one row each. */
export class AuditEventProjection implements Projection {
  readonly name = 'audit-event';
  private text = '';
  private rows: CopyRows | null = null;

  hear(event: LogEvent, step: ChangeStep | null): void {
    const facts = event.data as Partial<Record<'cycleId' | 'changeId' | 'objectKey', string>>;
    const [activity, status] = classify(event);
    this.text +=
      `${event.sequence}\t${copyValue(event.id)}\t${event.type}\t${event.at}\t${copyValue(event.jobId)}\t${copyValue(facts.cycleId)}\t` +
      `${copyValue(facts.changeId)}\t${copyValue(facts.objectKey)}\t${event.lane}\t${event.stage}\t${activity}\t${status}\t` +
      `${copyValue(step?.story.sourceId)}\t${copyValue(step?.story.targetId)}\t${copyValue(event.json === undefined ? storableJson(event.data) : storableJsonText(event.json))}\n`;
  }

  /** By far the most rows: they are on their way while the batch is still being folded. */
  open(connection: Connection): void {
    this.rows = new CopyRows(connection, `audit_event (${columns})`);
  }

  send(): void {
    this.rows?.send(this.text);
    this.text = '';
  }

  async write(): Promise<void> {
    this.send();
    const { rows } = this;
    this.rows = null;
    await rows?.end();
  }

  /** The batch cannot be folded: what is on its way is taken back. */
  async abort(): Promise<void> {
    const { rows } = this;
    this.rows = null;
    await rows?.abort();
  }

  forget(): void {
    this.text = '';
  }
}

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
  return kind;
}
