import type { EventLog } from '@provident/bus';
import { everything } from '@provident/contracts';

import { BenchError } from '../bench-error.js';

/** What the log tells of one change of one cycle; instants in ms of the wall clock, for all of the machine's processes share it. */
export interface ChangeTrace {
  readonly objectKey: string;
  imported: number;
  lookedUp: number;
  evaluated: number;
  /** Skipped, unchanged, exported, failed. */
  readonly outcomes: string[];
  importedAt: number;
  /** When the target was written, by the event that tells it, and where that stands in the log. */
  exportedAt: number;
  exportedSequence: number;
}

export interface Trace {
  readonly from: number;
  readonly to: number;
  readonly changes: ReadonlyMap<string, ChangeTrace>;
}

interface Facts {
  readonly changeId?: string;
  readonly objectKey?: string;
  readonly action?: string;
}

const patienceMs = 120_000;

/** Reads what was said in the log behind `from` up to `to`: every event, decoded and checked as the services do it. */
export async function readTrace(log: EventLog, from: number, to: number): Promise<Trace> {
  const changes = new Map<string, ChangeTrace>();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patienceMs);
  let last = from;
  if (to > from) {
    for await (const events of log.read({ filters: [everything], after: from, signal: stop.signal, batch: 1_000 })) {
      for (const { sequence, type, at, data } of events) {
        if (sequence !== last + 1) throw new BenchError(`the log goes from event ${last} to ${sequence}: events are missing`);
        last = sequence;
        note(changes, type, sequence, Date.parse(at), data as Facts);
        if (sequence === to) break;
      }
      if (last === to) break;
    }
  }
  clearTimeout(timer);
  stop.abort();
  if (last !== to) throw new BenchError(`the log could be read up to ${last} only, not to ${to}`);
  return { from, to, changes };
}

function note(changes: Map<string, ChangeTrace>, type: string, sequence: number, at: number, data: Facts): void {
  const { changeId, objectKey, action = '' } = data;
  if (changeId === undefined || objectKey === undefined) return;
  let change = changes.get(changeId);
  if (!change) {
    change = { objectKey, imported: 0, lookedUp: 0, evaluated: 0, outcomes: [], importedAt: 0, exportedAt: 0, exportedSequence: 0 };
    changes.set(changeId, change);
  }
  switch (type) {
    case 'source-object-imported':
      change.imported++;
      change.importedAt = at;
      break;
    case 'target-object-imported':
      change.lookedUp++;
      break;
    case 'rule-evaluated':
      change.evaluated++;
      if (action === 'skip' || action === 'unchanged') change.outcomes.push(action);
      break;
    case 'object-exported':
      change.outcomes.push(action);
      change.exportedAt = at;
      change.exportedSequence = sequence;
      break;
    default:
      change.outcomes.push(type);
  }
}
