import type { LogEntryView } from '@provident/contracts/http';

import { adviceTexts } from '../../texts/en/advice.js';

export interface Trouble {
  readonly code: string;
  /** The words of the system that refused, or of the rules. */
  readonly message: string;
  /** What a person can do about it. */
  readonly advice: string;
  /** Whether it is tried again without anybody's doing. */
  readonly isRetried: boolean;
}

interface Failure {
  readonly kind?: string;
  readonly code?: string;
  readonly message?: string;
}

/** What is wrong with a change and what helps; null when nothing has to be done. */
export function troubleOf(entry: LogEntryView): Trouble | null {
  if (entry.status === 'success' || entry.status === 'in-progress' || entry.reason === 'redundant-export') return null;
  const failure = entry.steps
    .toReversed()
    .map(({ details }) => details['failure'] as Failure | null | undefined)
    .find((each) => each);
  const code = entry.reason ?? failure?.code ?? '';
  return {
    code,
    message: failure?.message ?? entry.statusText,
    advice: adviceFor(entry, code, failure?.kind),
    isRetried: entry.status === 'failure',
  };
}

function adviceFor({ status }: LogEntryView, code: string, kind: string | undefined): string {
  const advice = adviceTexts;
  if (status === 'warning') return advice['held'] ?? '';
  return advice[code] ?? (kind === undefined ? undefined : advice[kind]) ?? (status === 'skipped' ? '' : (advice['unknown'] ?? ''));
}

/** One clause of a scoping filter with the value that it met. */
export interface Clause {
  readonly filter: string;
  readonly clause: string;
  readonly actual: string;
  readonly holds: boolean;
}

/** What the rules looked at in the latest round. */
export function clausesOf({ steps }: Pick<LogEntryView, 'steps'>): readonly Clause[] {
  const ruling = steps.findLast(({ step }) => step === 'rule-evaluated');
  const scope = ruling?.details['scope'] as { clauses?: readonly Clause[] } | undefined;
  return scope?.clauses ?? [];
}
