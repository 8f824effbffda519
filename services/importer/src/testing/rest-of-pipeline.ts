import type { MemoryLog } from '@provident/bus/testing';
import { newEvent, tell } from '@provident/bus/testing';
import type { MemoryTarget } from '@provident/connectors/testing';
import {
  type DataOf,
  ExportDeferred,
  ExportFailed,
  type LogEvent,
  ObjectExported,
  type ObjectFacts,
  SourceObjectImported,
  TargetObjectImported,
  is,
  laneOf,
} from '@provident/contracts';
import {
  type Evaluation,
  type JobDefinition,
  type ObjectKey,
  evaluateMembers,
  evaluateObject,
  mappingOf,
  notLookedUp,
  partsOf,
} from '@provident/domain';

type Source = LogEvent<DataOf<typeof SourceObjectImported>>;

/** What follows on an import, in a few lines: decides by the same rules, writes to a target in memory, says what was written. Removals are done at once. */
export class RestOfPipeline {
  /** Objects whose exports wait. */
  readonly held = new Set<ObjectKey>();
  /** Objects whose next change of members is refused. */
  readonly refusing = new Set<ObjectKey>();
  /** Objects whose next change of members is done, and told as a failure of which nobody knows that. */
  readonly unanswered = new Set<ObjectKey>();
  /** Objects whose next change of members is sent back. */
  readonly overtaking = new Set<ObjectKey>();
  private answered = 0;
  private readonly waiting: (() => Promise<void>)[] = [];

  constructor(
    private readonly log: MemoryLog,
    private readonly target: MemoryTarget,
    /** What it decides by. */
    public job: JobDefinition,
  ) {}

  /** Answers every import that has not been answered yet. @returns how many */
  async answer(): Promise<number> {
    const events = this.log.events.filter(({ sequence }) => sequence > this.answered);
    this.answered = this.log.events.at(-1)?.sequence ?? 0;
    const waiting = this.waiting.splice(0);
    const sources = new Map<string, Source>();
    const imported: [Source, LogEvent<DataOf<typeof TargetObjectImported>>][] = [];
    for (const event of events) {
      if (is(event, SourceObjectImported)) sources.set(`${event.data.changeId} ${event.data.attempt}`, event);
      if (is(event, TargetObjectImported)) imported.push([sources.get(`${event.data.changeId} ${event.data.attempt}`)!, event]);
    }
    for (const again of waiting) await again();
    for (const [source, half] of imported) await this.carryOut(source, half);
    return imported.length;
  }

  /** Lets the exports of these objects go. */
  async release(...keys: readonly ObjectKey[]): Promise<void> {
    for (const key of keys) this.held.delete(key);
    await this.answer();
  }

  private async carryOut(source: Source, half: LogEvent<DataOf<typeof TargetObjectImported>>): Promise<void> {
    const { objectKey } = source.data;
    if (this.held.has(objectKey)) return void this.waiting.push(() => this.carryOut(source, half));
    const evaluation = this.evaluate(source, half.data);
    if (['skip', 'unchanged', 'fail'].includes(evaluation.action)) return;
    const { part, sourceId } = source.data;
    const members = evaluation.members && { add: [...evaluation.members.add], remove: [...evaluation.members.remove] };
    const common = {
      ...factsOf(source.data),
      sourceId,
      changes: evaluation.changes,
      durationMs: 1,
      ...(members && { members }),
      ...(part && { part }),
    };
    const action = evaluation.action as 'create' | 'update' | 'disable' | 'delete';
    if (members && this.refusing.delete(objectKey)) {
      const failure = { kind: 'rejected' as const, code: 'test', message: 'no' };
      return this.say(half, ExportFailed, objectKey, { ...common, action, targetId: evaluation.targetId, failure });
    }
    if (members && this.unanswered.delete(objectKey)) {
      await this.write(evaluation);
      const failure = { kind: 'unknown-outcome' as const, code: 'test', message: 'no answer' };
      return this.say(half, ExportFailed, objectKey, { ...common, action, targetId: evaluation.targetId, failure });
    }
    if (members && this.overtaking.delete(objectKey)) {
      return this.say(half, ExportDeferred, objectKey, { ...common, action, reason: { code: 'overtaken', text: 'test' } });
    }
    const targetId = await this.write(evaluation);
    await this.say(half, ObjectExported, objectKey, { ...common, action, targetId, enabled: evaluation.enable });
  }

  private evaluate(source: Source, half: DataOf<typeof TargetObjectImported>): Evaluation {
    const { objectKey, part, change, attributes } = source.data;
    const mapping = mappingOf(this.job, partsOf(objectKey).objectType)!;
    if (part === 'members') return evaluateMembers(half.linkedId!, half.members!, mapping);
    return evaluateObject({ source: { change, attributes }, target: half ?? notLookedUp }, mapping);
  }

  private async write({ action, changes, targetId, members, enable }: Evaluation): Promise<string> {
    if (action === 'create')
      return (await this.target.create('', Object.fromEntries(changes.map((each) => [each.attribute, each.new])))).id;
    const id = targetId!;
    if (action === 'delete') await this.target.remove('', id);
    if (action === 'disable' || enable) await this.target.setActive('', id, enable);
    if (changes.length > 0) await this.target.update('', id, changes);
    if (members) await this.target.changeMembers('', id, members);
    return id;
  }

  private async say(
    { sequence: cause }: LogEvent,
    definition: typeof ObjectExported | typeof ExportFailed | typeof ExportDeferred,
    key: ObjectKey,
    data: unknown,
  ): Promise<void> {
    const { changeId, attempt, round } = data as ObjectFacts;
    const lane = laneOf(key, this.job.lanes);
    await tell(
      this.log,
      newEvent(definition as typeof ObjectExported, data as never, {
        lane,
        stage: 'exporter',
        cause,
        id: `${changeId}.export.${attempt}.${round}`,
      }),
    );
  }
}

function factsOf({ jobId, cycleId, changeId, objectKey, rules, attempt, round }: ObjectFacts): ObjectFacts {
  return { jobId, cycleId, changeId, objectKey, rules, attempt, round };
}
