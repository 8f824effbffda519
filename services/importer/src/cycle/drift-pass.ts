import type { DriftMode } from '@provident/domain';
import type { DriftSummary } from '@provident/contracts';

import type { DriftCursor } from './cycle-cursor.js';
import type { CycleWork, Seen } from './cycle-work.js';
import { type LinkedObject, compareAccounts, nothingChecked, sayDrift, sayDriftedMembers } from './drift.js';
import { compareMembers } from './drifted-members.js';
import { isKept, sayMissingMembers } from './due-members.js';

/** Three events for each object that differs. */
const mostCompared = 300;
/** Changes of members that one append holds besides the rest. */
const mostChangesPerAppend = 400;

/**
 * Compares the accounts of everybody of the kind at hand, and who is in each group, with what the rules expect; tells of those that differ, and changes them
 * back where that is wanted.
 * @throws ConnectorError when the target cannot be asked
 */
export async function lookForDrift(work: CycleWork, mode: DriftMode): Promise<void> {
  if (work.progress?.phase === 'drift' && work.isBehind(work.kind.mapping.type)) return;
  await new DriftPass(work, mode).run();
}

class DriftPass {
  private readonly context;

  constructor(
    private readonly work: CycleWork,
    private readonly mode: DriftMode,
  ) {
    const { ports, cycle, cycleId } = work;
    this.context = { jobId: ports.jobId, cycleId, mode, cause: cycle.sequence };
    work.done = { ...work.done, drift: work.done.drift ?? { mode, ...nothingChecked } };
  }

  async run(): Promise<void> {
    const stood = this.work.progressIn('drift', this.work.kind.mapping.type);
    if (stood?.part !== 'members') await this.compareAll(stood?.after ?? '');
    await this.compareMembers(stood?.part === 'members' ? stood.after : '');
  }

  private async compareAll(after: string): Promise<void> {
    const { work, mode } = this;
    const { kind, ports, cycleId } = work;
    const { mapping } = kind;
    const { index, folded, findOwners, findAssociations } = ports;
    await folded();
    let at: DriftCursor = { phase: 'drift', after };
    await kind.chooseAccounts(true, await kind.probeTarget(), await index.countLinked());
    for (;;) {
      const seen = work.knownNow([]);
      const linked = await index.listLinked(cycleId, mapping.type, at.after, mostCompared);
      if (linked.length === 0) return;
      const expected = { mapping, findOwners, findAssociations };
      const listed = await compareAccounts(linked, kind.accounts, expected);
      // A listing is older than what was written since: who seems to differ is asked for.
      const suspects = linked.filter(({ objectKey }) => listed.found.has(objectKey));
      const { found, unasked } = await compareAccounts(suspects, kind.asked, expected);
      const drifted = suspects.filter(({ objectKey }) => found.has(objectKey));
      const vanished = [...found.values()].filter(({ account }) => account === 'vanished').length;
      at = { phase: 'drift', after: linked.at(-1)!.objectKey };
      this.count({ checked: linked.length, differ: found.size - vanished, vanished, unasked: listed.unasked + unasked });
      const sayings = drifted.map((each) => sayDrift(each, found.get(each.objectKey)!, this.context));
      const repaired = mode === 'repair' ? drifted.map((each) => work.again(each)) : [];
      await work.say(repaired, at, seen, { sayings });
      await work.betweenPages();
    }
  }

  /** Compares who is in each group of the target with what was written there. Who was taken out is put back where that is wanted; who was put in is told of, and stays. */
  private async compareMembers(after: string): Promise<void> {
    const { work } = this;
    const { mapping, systems } = work.kind;
    if (mapping.type !== 'group' || systems.abilities.membersPerChange === 0 || !mapping.actions.includes('update')) return;
    let at: DriftCursor = { phase: 'drift', part: 'members', after };
    for (;;) {
      const seen = work.seenNow([]); // before they are listed: a link that a person sets in between must not count as known
      const groups = await work.ports.index.listLinkedGroups(at.after, mostCompared);
      if (groups.length === 0) return;
      for (const group of groups) {
        at = { ...at, after: group.objectKey };
        if (isKept(group, mapping)) await this.compareMembersOf(group, at, seen);
        await work.betweenPages();
      }
    }
  }

  private async compareMembersOf(group: LinkedObject, at: DriftCursor, seen: Seen): Promise<void> {
    const { work, context } = this;
    const ports = { ...work.ports, systems: work.kind.systems };
    const found = await compareMembers(group, ports);
    if (found === null) this.count({ unasked: 1 });
    if (found === null || found.missing.length + found.added.length === 0) return work.say([], at, seen);
    this.count({ groups: 1 });
    const missing = this.mode === 'repair' ? found.missing : [];
    const due = { ...group, targetId: group.targetId! };
    const repairs = sayMissingMembers(due, { missing, basis: seen.basis }, ports, { ...context, attempt: 0 });
    for (let from = 0; ; from += mostChangesPerAppend) {
      const some = repairs.slice(from, from + mostChangesPerAppend);
      const told = from === 0 ? [sayDriftedMembers(due, found, context)] : [];
      await work.say([], at, seen, { sayings: [...told, ...some.flat()], changes: some.length });
      if (from + mostChangesPerAppend >= repairs.length) return;
    }
  }

  private count(more: Partial<Omit<DriftSummary, 'mode'>>): void {
    const { work } = this;
    const drift = { ...work.done.drift! };
    for (const [what, count] of Object.entries(more) as [keyof typeof more, number][]) drift[what] = (drift[what] ?? 0) + count;
    work.done = { ...work.done, drift };
  }
}
