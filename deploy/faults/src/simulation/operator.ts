import { type LogEvent, RemovalWithdrawn, RemovalsHeld, RemovalsRejected, RemovalsReleased, is } from '@provident/contracts';
import { ownerSubject } from '@provident/job-scheduler';

import { by } from './hands/hand.js';
import type { Wire } from './ports/sim-wire.js';
import type { Random } from './random.js';

/** Cycles whose removals wait for a person: some of them, if not all are off. */
export function heldCycles(events: readonly LogEvent[]): string[] {
  const held = new Map<string, number>();
  for (const event of events) {
    if (is(event, RemovalsHeld) && event.data.until === 'person') held.set(event.data.cycleId, event.data.proposed);
    if (is(event, RemovalsReleased) || is(event, RemovalsRejected)) held.delete(event.data.cycleId);
    if (!is(event, RemovalWithdrawn) || event.data.uncounted || event.data.reason.code !== 'removal-withdrawn') continue;
    const left = (held.get(event.data.heldCycleId) ?? 1) - 1;
    if (left > 0) held.set(event.data.heldCycleId, left);
    else held.delete(event.data.heldCycleId);
  }
  return [...held.keys()];
}

/** The person who decides about held removals: releases most, and rejects some. Orders may get lost: what waits is decided about again, and alike. */
export class Operator {
  private readonly decisions = new Map<string, 'release' | 'reject'>();

  constructor(
    private readonly jobId: string,
    private readonly dice: Random,
  ) {}

  decide(events: readonly LogEvent[], wire: Wire): void {
    for (const cycleId of heldCycles(events)) {
      const name = this.decisions.get(cycleId) ?? (this.dice.chance(0.3) ? 'reject' : 'release');
      this.decisions.set(cycleId, name);
      wire.publish(ownerSubject(this.jobId), JSON.stringify({ name, payload: { jobId: this.jobId, cycleId, by } }));
    }
  }
}
