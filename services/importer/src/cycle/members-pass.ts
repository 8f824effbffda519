import type { SourceCursor, SourceFailure } from '@provident/connectors';

import type { Saying } from '../job-writer.js';
import type { NotLeaving } from '../state/membership-index.js';
import { sameRules } from '../state/rejected-rules.js';
import { type OpenSystems, type Typed, systemsFor } from '../systems.js';
import { type MembersCursor, parted } from './cycle-cursor.js';
import type { CycleWork } from './cycle-work.js';
import { type DueFacts, sayDueMembers, sayLeavingMembers } from './due-members.js';
import { importMemberships, nestingOf } from './import-memberships.js';
import type { Reassessment } from './reassessment.js';

/** The import of who belongs to what, once everybody was read. */
export class MembersPass {
  /** Unusable records that were told of in this cycle: the beginnings of their changes' ids. */
  private readonly told: Set<string>;
  /** Whether members leave groups in this cycle; unknown after a crash, and then taken for granted. */
  private leave: boolean;

  constructor(private readonly work: CycleWork) {
    const { progress } = work;
    this.told = new Set(progress?.phase === 'members' ? progress.told : []);
    this.leave = progress !== undefined;
  }

  /** Whether removals of this cycle have to be weighed against all who are members. */
  get membersLeave(): boolean {
    return this.leave;
  }

  /** Where the import stands from now on, until everybody is judged by new rules. */
  get cursor(): MembersCursor {
    return this.told.size === 0 ? { phase: 'members' } : { phase: 'members', told: [...this.told] };
  }

  /**
   * Groups alone have members. What the source says of them is told first; what of it can be written is part of this cycle.
   * @throws ConnectorError
   */
  async run(opened: OpenSystems, reassessment: Pick<Reassessment, 'isDue'>): Promise<void> {
    const systems = systemsFor(opened, 'group')!;
    const { work } = this;
    const { cycle, cycleId, kind, ports } = work;
    kind.enter(opened, systems.mapping);
    await this.readSource(systems, reassessment);
    kind.asking = 'target';
    await ports.folded();
    const facts: DueFacts = { cycleId, attempt: 0, cause: cycle.sequence };
    const append = (sayings: readonly Saying[], changes: number): Promise<number> => work.sayChanges(sayings, changes, this.cursor);
    const due = { ...ports, systems };
    if ((await sayLeavingMembers(due, { besides: await this.notLeaving(systems), facts }, append)) > 0) this.leave = true;
    // In a first cycle most accounts are still on their way: the members follow right behind it, and how many were early is no part of its count.
    if (cycle.opened.kind === 'incremental') await sayDueMembers(due, () => facts, append);
  }

  private async readSource({ source, mapping, abilities }: Typed<OpenSystems>, { isDue }: Pick<Reassessment, 'isDue'>): Promise<void> {
    const { work } = this;
    const { cycle, cycleId, kind, ports } = work;
    kind.asking = 'source';
    // Other rules may have other wishes for groups in groups: then all of it is looked at anew.
    const known = isDue ? null : (parted(cycle.opened.watermark as SourceCursor | null).members ?? null);
    const nested = nestingOf(mapping, abilities);
    // Who is in the groups of a group has to be known to flatten it: what changed alone does not tell.
    const reading = await source.readMembers(known, ports.signal, nested !== 'flatten');
    const summary =
      reading.kind === 'none'
        ? null
        : await importMemberships(reading, {
            ...ports,
            cycleId,
            cause: cycle.sequence,
            nested,
            sayUnusable: (failures) => this.sayUnusable(failures),
            told: () => work.betweenPages(),
          });
    work.done = {
      ...work.done,
      watermarks: { ...work.done.watermarks, members: reading.watermark },
      ...(summary && { memberships: summary }),
    };
  }

  /** They are read from the beginning after a crash: what was told of unusable records is told once. */
  private async sayUnusable(failures: readonly SourceFailure[]): Promise<void> {
    const fresh = new Map(failures.map((failure) => [this.work.unusableChange(failure).slice(0, 13), failure]));
    for (const id of this.told) fresh.delete(id);
    for (const id of fresh.keys()) this.told.add(id);
    if (fresh.size > 0) await this.work.say([], this.cursor, this.work.seenNow([]), { failures: [...fresh.values()] });
  }

  private async notLeaving({ mapping, mappings }: Typed<OpenSystems>): Promise<NotLeaving> {
    const { memberships, mappingAt } = this.work.ports;
    const users = mappings.find(({ type }) => type === 'user');
    const rejectedUnder = await sameRules(await memberships.listRejectedRules(), mapping, mappingAt);
    const policy = users?.removals.deleted ?? 'ignore';
    return { gone: policy !== 'ignore' && users!.actions.includes(policy), rejectedUnder };
  }
}
