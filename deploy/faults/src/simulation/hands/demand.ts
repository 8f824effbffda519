import {
  CommandAnswer,
  ExportFailed,
  type LogEvent,
  ObjectExported,
  ObjectImportFailed,
  type OnDemandResult,
  OnDemandView,
  RemovalHeld,
  RuleEvaluated,
  is,
} from '@provident/contracts';
import { demandSubject } from '@provident/importer';

import { type Hand, type Scene, type Standing, by } from './hand.js';

/** Somebody for whom persons and groups cannot wait, and who compares what he is told with what stands in the log. */
export class DemandHand implements Hand {
  private readonly answers: OnDemandView[] = [];

  constructor(
    private readonly jobId: string,
    private readonly withGroups: boolean,
    private readonly scene: Scene,
  ) {}

  act(): void {
    const { dice, world, wire } = this.scene;
    const subjects = Array.from({ length: dice.pick([1, 1, 2, 3]) }, () => this.somebody());
    const asked = { jobId: this.jobId, subjects, allowRemoval: dice.chance(0.3), by };
    world.note(`on demand: ${JSON.stringify(asked)}`);
    wire.publish(demandSubject(this.jobId), JSON.stringify(asked), (text) => {
      world.note(`  answered: ${text}`);
      const answer = CommandAnswer.parse(JSON.parse(text));
      if (answer.ok) this.answers.push(OnDemandView.parse(answer.result));
    });
  }

  tidy(): Standing {
    return 'done';
  }

  check(events: readonly LogEvent[]): readonly string[] {
    return this.answers.flatMap((answer) => this.contradictions(answer, events));
  }

  /** Also somebody who has left, or whom nobody knows; by the id in the source or that of the account. */
  private somebody(): { objectType: string; id: string } {
    const { dice, source, target } = this.scene;
    if (this.withGroups && dice.chance(0.25)) {
      const anchors = [...new Set(source.groupVersions.flatMap((groups) => [...groups.keys()]))];
      return { objectType: 'group', id: dice.pick(anchors) };
    }
    if (dice.chance(0.05)) return { objectType: 'user', id: 'E999' };
    if (target.accounts.size > 0 && dice.chance(0.2)) return { objectType: 'user', id: dice.pick([...target.accounts.keys()]) };
    return { objectType: 'user', id: dice.pick([...new Set(source.versions.flatMap((people) => [...people.keys()])), 'E999']) };
  }

  private contradictions({ requestId, results }: OnDemandView, all: readonly LogEvent[]): string[] {
    return results.flatMap((result) => {
      const key = `${result.objectType}:${result.source.id}`;
      const events = all.filter(({ data }) => {
        const { cycleId, objectKey, attempt } = data as { cycleId?: string; objectKey?: string; attempt?: number };
        // What follows from it for others, and for a group from its members, comes as a further attempt.
        return cycleId === requestId && objectKey === key && attempt === 0;
      });
      const wrong = this.contradiction(result, events);
      return wrong === null ? [] : [`${key} was asked for (${requestId}) and answered with "${result.status}", but ${wrong}`];
    });
  }

  /** What of an answer is not so; null when all is. */
  private contradiction({ status, objectType, source: { id } }: OnDemandResult, events: readonly LogEvent[]): string | null {
    const has = (isIt: (event: LogEvent) => boolean): boolean => events.some(isIt);
    const decided = (...actions: string[]): boolean => has((event) => is(event, RuleEvaluated) && actions.includes(event.data.action));
    switch (status) {
      case 'success':
        return has((event) => is(event, ObjectExported)) ? null : 'the log does not say that anything was written';
      case 'skipped':
        return decided('skip', 'unchanged') ? null : 'the log does not say that there was nothing to do';
      case 'held':
        return has((event) => is(event, RemovalHeld)) ? null : 'the log does not say that a removal was held';
      case 'failure':
        // A system that does not answer leaves nothing in the log.
        return events.length === 0 || decided('fail') || has((event) => is(event, ExportFailed) || is(event, ObjectImportFailed))
          ? null
          : 'the log does not say that anything failed';
      case 'not-found':
        if (events.length > 0) return `the log tells of it: ${events.map(({ type }) => type).join(', ')}`;
        return this.wasAlwaysThere(objectType, id) ? 'every version of the source has it' : null;
      default:
        return null;
    }
  }

  private wasAlwaysThere(objectType: string, id: string): boolean {
    const { source } = this.scene;
    const versions: readonly ReadonlyMap<string, unknown>[] = objectType === 'group' ? source.groupVersions : source.versions;
    return versions.every((each) => each.has(id));
  }
}
