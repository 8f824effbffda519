import { CycleOpened, JobStateChanged, type LogEvent, RetryDue, is } from '@provident/contracts';
import { ownerSubject } from '@provident/job-scheduler';

import { type SimProcess, longestPauseMs } from '../world.js';
import { type Hand, type Scene, type Standing, by, graceMs } from './hand.js';

type State = 'active' | 'paused' | 'stopped' | 'removed';

/** An administrator who pauses and stops the job, and starts it again; and who looks whether it keeps still meanwhile. */
export class HoldHand implements Hand {
  constructor(
    private readonly jobId: string,
    private readonly scene: Scene,
  ) {}

  act(): void {
    const { dice } = this.scene;
    const { state } = this.latest();
    if (state === 'active') this.order(dice.pick(['pause', 'stop']));
    else this.order(dice.pick(['start', 'start', 'start', 'stop', 'pause']));
  }

  tidy(): Standing {
    if (this.latest().state !== 'active') {
      this.order('start');
      return 'acted';
    }
    return 'done';
  }

  check(events: readonly LogEvent[]): readonly string[] {
    return whileHeld(events);
  }

  /** Somebody is about to write, or to read another page of the source. */
  watch(what: string, who: SimProcess): void {
    const { world } = this.scene;
    const { state, sinceMs } = this.latest();
    const knownMs = Math.max(sinceMs, who.pausedUntilMs) + graceMs;
    if (state === 'stopped' && world.nowMs > knownMs)
      world.violated(`${who.name} ${what}, ${((world.nowMs - sinceMs) / 1_000).toFixed(1)} s after the job was stopped`);
  }

  private latest(): { readonly state: State; readonly sinceMs: number } {
    const { broker, world } = this.scene;
    const last = broker.events.findLast((event) => is(event, JobStateChanged));
    if (!last || !is(last, JobStateChanged)) return { state: 'active', sinceMs: 0 };
    return { state: last.data.state, sinceMs: world.nowMs - (world.date().getTime() - Date.parse(last.at)) };
  }

  private order(name: string): void {
    const { world, wire } = this.scene;
    world.note(`by hand: ${name}`);
    const answered = (answer: string): void => world.note(`  answered: ${answer}`);
    wire.publish(ownerSubject(this.jobId), JSON.stringify({ name, payload: { jobId: this.jobId, by } }), answered);
  }
}

/** What may not be said of a job that is paused or stopped: a cycle that opens by itself; a retry that becomes due, once everybody knows of it. */
function whileHeld(events: readonly LogEvent[]): string[] {
  let held: { readonly state: State; readonly at: string } | null = null;
  const problems: string[] = [];
  for (const event of events) {
    if (is(event, JobStateChanged)) held = event.data.state === 'active' ? null : (held ?? { state: event.data.state, at: event.at });
    if (held === null) continue;
    if (is(event, CycleOpened) && event.data.by.kind === 'system')
      problems.push(`cycle ${event.data.cycleId} opened by itself while the job was ${held.state}`);
    if (is(event, RetryDue) && isLater(event, held.at, longestPauseMs))
      problems.push(`a retry of ${event.data.objectKey} became due ${event.at}, while the job was ${held.state} since ${held.at}`);
  }
  return problems;
}

const isLater = ({ at }: LogEvent, since: string, pauseMs: number): boolean => Date.parse(at) > Date.parse(since) + graceMs + pauseMs;
