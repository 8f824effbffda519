import { type LogEvent, RemovalsHeld, RemovalsRejected, RemovalsReleased, is } from '@provident/contracts';
import { ownerSubject } from '@provident/job-scheduler';

import { by } from './hands/hand.js';
import type { Wire } from './ports/sim-wire.js';
import type { Random } from './random.js';

/** Cycles whose removals wait for a person. */
export function heldCycles(events: readonly LogEvent[]): string[] {
  const held = new Set<string>();
  for (const event of events) {
    if (is(event, RemovalsHeld) && event.data.until === 'person') held.add(event.data.cycleId);
    if (is(event, RemovalsReleased) || is(event, RemovalsRejected)) held.delete(event.data.cycleId);
  }
  return [...held];
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
