import { CycleClosed, CycleOpened, ImportCompleted, PageImported } from '@provident/contracts';
import type { RetentionKind } from '@provident/domain';

import type { PartedTable } from '../partitions.js';

/** The table that holds what is kept for a time. */
export const tableOf: Readonly<Record<RetentionKind, PartedTable>> = { log: 'provisioning_entry', events: 'audit_event' };

/** A cycle has a row of its own, which stays. */
const aboutCycles = [CycleOpened, ImportCompleted, PageImported, CycleClosed].map(({ type }) => `'${type}'`).join(', ');

/** Not settled: its later events start from what the earlier ones say. A failure of which nothing was said yet is about to be in escrow. */
const isOpen = (entry: string): string =>
  `(${entry}.status = 'warning' or (${entry}.status = 'failure' and ${entry}.escrow is null) or ${entry}.escrow in ('waiting', 'retrying', 'expired'))`;

/** Whether a row lies before its job's horizon and is of what is not kept for good. The horizons are three parameters, from `first` on. */
export const isBehind = (kind: RetentionKind, row: string, first = 1): string =>
  `(${row}.at < coalesce(
      (select horizon.kept_since from unnest($${first}::text[], $${first + 1}::timestamptz[]) horizon (job_id, kept_since) where horizon.job_id = ${row}.job_id),
      $${first + 2}::timestamptz)
    ${kind === 'events' ? `and (${row}.object_key is not null or ${row}.type in (${aboutCycles}))` : ''})`;

/** Whether nothing that is still to come hangs on the row. */
export const isSettled = (kind: RetentionKind, row: string): string =>
  kind === 'log'
    ? `not coalesce(${isOpen(row)}, false)`
    : `coalesce(${row}.change_id, '') not in (select entry.change_id from provisioning_entry entry where entry.troubled_at is not null and ${isOpen('entry')})
       and (${row}.job_id, coalesce(${row}.cycle_id, '')) not in (select cycle.job_id, cycle.cycle_id from cycle where cycle.closed_at is null)`;
