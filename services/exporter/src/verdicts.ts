import type { Initiator } from '@provident/contracts';
import type { RemovalKind } from '@provident/domain';

/** What was decided upon removals of one cycle: of all of them, of some kinds, or of some objects. */
export interface Verdict {
  readonly verdict: 'released' | 'rejected';
  readonly cycleId: string;
  readonly kinds?: readonly RemovalKind[] | undefined;
  readonly objectKeys?: readonly string[] | undefined;
  readonly by: Initiator;
  /** UTC instant. */
  readonly at: string;
  /** Whether they had waited, so that what is known of groups may have changed since. */
  readonly waited: boolean;
}

/** A removal, as far as a verdict looks at it. */
export interface Removal {
  readonly cycleId: string;
  readonly objectKey: string;
  /** null: an account, in the words of versions that did not say more. */
  readonly kind: RemovalKind | null;
}

/** Whether a verdict is about a removal. Pure. */
export function concerns({ cycleId, kinds, objectKeys }: Verdict, removal: Removal): boolean {
  const isOfKind =
    !kinds || (removal.kind === null ? kinds.some((kind) => kind === 'disable' || kind === 'delete') : kinds.includes(removal.kind));
  return cycleId === removal.cycleId && isOfKind && (!objectKeys || objectKeys.includes(removal.objectKey));
}

/** The verdicts that an instance has heard. A decision that waited for an earlier write may come after the verdict upon it. */
export class Verdicts {
  private readonly heard = new Map<string, Verdict[]>();

  add(verdict: Verdict): void {
    this.heard.set(verdict.cycleId, [...(this.heard.get(verdict.cycleId) ?? []), verdict]);
  }

  /** The first that is about this removal: what is decided upon later is what was left. */
  upon(removal: Removal): Verdict | undefined {
    return this.heard.get(removal.cycleId)?.find((verdict) => concerns(verdict, removal));
  }
}
