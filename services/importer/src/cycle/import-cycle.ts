import { say } from '@provident/bus';
import { ConnectorError } from '@provident/connectors';
import { type DataOf, ImportCompleted, ImportFailed } from '@provident/contracts';
import type { ObjectMapping, ObjectType } from '@provident/domain';

import type { OpenCycle } from '../state/source-index.js';
import { type OpenSystems, systemsFor } from '../systems.js';
import { joined } from './cycle-cursor.js';
import type { CyclePorts } from './cycle-ports.js';
import { CycleWork } from './cycle-work.js';
import { lookForDrift } from './drift-pass.js';
import { failureOf } from './look-up.js';
import { MembersPass } from './members-pass.js';
import { Reassessment } from './reassessment.js';
import { judgeByNewRules } from './rules-pass.js';
import { SourcePass } from './source-pass.js';
import { takeUpLate, takeUpMoved } from './take-ups.js';

/**
 * The import of one cycle, from where it stands to its end: everything that the source has to tell, then what new rules make of the others, then a look at
 * accounts where that is asked for. What fails as a whole ends the cycle with the reason; the watermark stays, and nothing follows from what was not read.
 */
export class ImportCycle {
  private readonly work: CycleWork;
  private readonly members: MembersPass;
  private reassessments: ReadonlyMap<ObjectType, Reassessment> = new Map();

  constructor(cycle: OpenCycle, ports: CyclePorts) {
    this.work = new CycleWork(cycle, ports);
    this.members = new MembersPass(this.work);
  }

  /** @returns sequence of the event that ended the import */
  async run(): Promise<number> {
    const { work } = this;
    const { cycle, kind, ports, progress } = work;
    const { drift, rules } = cycle.opened;
    try {
      const systems = await ports.openSystems(rules);
      await this.openReassessments(systems);
      if (progress?.phase !== 'rules' && progress?.phase !== 'drift') await this.readAll(systems);
      kind.asking = 'target';
      if (progress?.phase !== 'drift') await this.eachKind(systems, (mapping) => judgeByNewRules(work, this.reassessment(mapping)));
      if (drift) await this.eachKind(systems, () => lookForDrift(work, drift));
      return await this.complete();
    } catch (error) {
      if (!(error instanceof ConnectorError) || ports.signal.aborted) throw error;
      return this.fail(error);
    }
  }

  /** Everything that the source has to tell: people, then what refers to them, then who belongs to what. */
  private async readAll(systems: OpenSystems): Promise<void> {
    const { work, members } = this;
    await this.eachKind(systems, async (mapping) => {
      if (work.progress?.phase === 'members' || work.isBehind(mapping.type)) return;
      await new SourcePass(work, this.reassessment(mapping)).run();
    });
    const groups = systemsFor(systems, 'group');
    if (groups) await members.run(systems, this.reassessment(groups.mapping));
    let left = 0;
    await this.eachKind(systems, async () => {
      left += await takeUpMoved(work, members.cursor);
    });
    if (left === 0) systems.source.settle();
    work.kind.asking = 'target';
    await this.eachKind(systems, () => takeUpLate(work, members.cursor));
  }

  private async eachKind(systems: OpenSystems, run: (mapping: ObjectMapping) => Promise<void>): Promise<void> {
    for (const mapping of systems.mappings) {
      this.work.kind.enter(systems, mapping);
      await run(mapping);
    }
  }

  private async openReassessments({ mappings }: OpenSystems): Promise<void> {
    const { cycle, ports } = this.work;
    const open = async (mapping: ObjectMapping): Promise<[ObjectType, Reassessment]> => [
      mapping.type,
      await Reassessment.open(cycle.opened.rules, mapping, ports),
    ];
    this.reassessments = new Map(await Promise.all(mappings.map(open)));
  }

  private reassessment({ type }: ObjectMapping): Reassessment {
    return this.reassessments.get(type)!;
  }

  private async complete(): Promise<number> {
    const { ports, counts, done, cycleId, caused } = this.work;
    const { jobId, index, writer } = ports;
    const { read, imported, failed } = counts;
    const { watermarks, gone, withheld, memberships, drift, reevaluated = 0 } = done;
    const linked = await index.countLinked();
    const said = say(ImportCompleted, `${cycleId}.import-completed`, jobId, {
      jobId,
      cycleId,
      watermark: joined(watermarks),
      read,
      imported,
      failed,
      gone,
      reevaluated,
      absenceWithheld: withheld,
      linked,
      weighed: await this.weighed(),
      ...(memberships && { memberships }),
      ...(drift && { drift }),
    });
    return writer.append([], [caused(said)]);
  }

  /** What removals are weighed against, besides the accounts that are linked. */
  private async weighed(): Promise<DataOf<typeof ImportCompleted>['weighed']> {
    const { ports, done } = this.work;
    const { index, memberships, folded } = ports;
    const goneOf = Object.entries(done.goneOf ?? {}).filter(([, gone]) => gone > 0) as [ObjectType, number][];
    if (goneOf.length > 0) await folded(); // otherwise some of the gone would count as present too
    const shrunk = await Promise.all(goneOf.map(async ([type, gone]) => ({ type, gone, known: gone + (await index.countPresent(type)) })));
    return { members: this.members.membersLeave ? await memberships.countWritten() : 0, shrunk };
  }

  private fail(error: ConnectorError): Promise<number> {
    const { ports, counts, kind, cycleId, caused } = this.work;
    const { jobId, writer } = ports;
    const { read, imported } = counts;
    const failed = { jobId, cycleId, side: kind.asking, read, imported, failure: failureOf(error) };
    return writer.append([], [caused(say(ImportFailed, `${cycleId}.import-failed`, jobId, failed))]);
  }
}
