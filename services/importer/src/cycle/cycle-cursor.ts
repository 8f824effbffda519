import type { SourceCursor } from '@provident/connectors';
import type { ObjectType } from '@provident/domain';

import type { DriftSummary } from '@provident/contracts';
import type { MembershipSummary } from './import-memberships.js';

/** Where the next reads of a source start: of each kind of object, and of memberships. */
export type Watermarks = { readonly [What in ObjectType | 'members']?: SourceCursor };

/** What the kinds of objects that were read to their end come to. */
export interface CycleSoFar {
  /** Records that they delivered. */
  readonly read: number;
  readonly watermarks: Watermarks;
  readonly withheld: string | null;
  readonly gone: number;
  /** Objects of each kind that were found gone, or that the source says are removed. */
  readonly goneOf?: Readonly<Partial<Record<ObjectType, number>>>;
  /** What came of the memberships, once they were read. */
  readonly memberships?: MembershipSummary;
  /** Objects that were judged by new rules. */
  readonly reevaluated?: number;
  /** What was found out about accounts. */
  readonly drift?: DriftSummary;
}

const nothingSoFar: CycleSoFar = { read: 0, watermarks: {}, withheld: null, gone: 0 };

/** Of one kind of object: its source was read, and what it did not show is being taken up. `gone` is -1 where the source tells of removals itself. */
export interface AbsentCursor {
  readonly phase: 'absent';
  readonly after: string;
  readonly watermark: SourceCursor;
  readonly withheld: string | null;
  readonly gone: number;
}

/** Everybody was read; memberships are being read, and what follows from them is said. */
export interface MembersCursor {
  readonly phase: 'members';
  /** Unusable records that were told of, by the beginnings of their changes' ids. */
  readonly told?: readonly string[];
}

/** Everything was read; what is known of the others of one kind is being judged by new rules. */
export interface RulesCursor {
  readonly phase: 'rules';
  readonly after: string;
}

/** Everything was read and judged; the accounts of one kind of object are being compared with what the rules expect. */
export interface DriftCursor {
  readonly phase: 'drift';
  readonly after: string;
  /** Of groups, once they were compared themselves: who is in them is. */
  readonly part?: 'members';
}

/** Where a cycle's import stands: reading the source, taking up what a complete read did not show, with memberships, judging by new rules, or looking at accounts. */
export type CycleCursor =
  | { readonly phase: 'source'; readonly at: SourceCursor | null; readonly withheld: string | null }
  | AbsentCursor
  | MembersCursor
  | RulesCursor
  | DriftCursor;

/** The same, with the kind of object it is about, unless that is people, and what the kinds before it came to. */
export type TypedCursor = CycleCursor & { readonly type?: ObjectType; readonly done?: CycleSoFar };

export interface CycleCounts {
  readonly page: number;
  readonly read: number;
  readonly imported: number;
  readonly failed: number;
}

export const noCounts: CycleCounts = { page: 0, read: 0, imported: 0, failed: 0 };

/** Watermarks as one cursor in the log. That of a job with people alone stands there as the source gave it. */
export function joined(watermarks: Watermarks): SourceCursor {
  const { user, ...others } = watermarks;
  return user && Object.keys(others).length === 0 ? user : { byType: { ...watermarks } };
}

export function parted(watermark: SourceCursor | null): Watermarks {
  if (watermark === null) return {};
  return (watermark['byType'] as Watermarks | undefined) ?? { user: watermark };
}

/**
 * With one more kind that was read to its end.
 * @param read    records that all of them delivered
 * @param removed objects of this kind that the source says are removed
 */
export function withType(
  done: CycleSoFar,
  type: ObjectType,
  { watermark, withheld, gone }: AbsentCursor,
  read: number,
  removed = 0,
): CycleSoFar {
  return {
    ...done,
    read,
    watermarks: { ...done.watermarks, [type]: watermark },
    withheld: done.withheld ?? withheld,
    gone: done.gone + Math.max(gone, 0),
    goneOf: { ...done.goneOf, [type]: Math.max(gone, 0) + removed },
  };
}

/** What came before a cursor that does not say it: of people alone, what they came to stands there itself, once they were read. */
export function soFarOf(progress: TypedCursor | undefined, read: number): CycleSoFar {
  if (progress?.phase !== 'rules') return nothingSoFar;
  const { reevaluated, ...absent } = progress as unknown as AbsentCursor & { readonly reevaluated: number };
  return { ...withType(nothingSoFar, 'user', absent, read), reevaluated };
}
