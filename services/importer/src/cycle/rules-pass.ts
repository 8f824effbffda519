import type { RulesCursor } from './cycle-cursor.js';
import { type CycleWork, mostPerAppend } from './cycle-work.js';
import type { Reassessment } from './reassessment.js';

/**
 * Judges by rules that are new what is known of everybody of the kind at hand whom this cycle has not taken up; whoever fares differently is taken up, with
 * what is known.
 * @throws ConnectorError when the target cannot be asked
 */
export async function judgeByNewRules(work: CycleWork, reassessment: Reassessment): Promise<void> {
  const { outdated, folded } = work.ports;
  const { type } = work.kind.mapping;
  if (!reassessment.isDue || (work.progress?.phase === 'rules' && work.isBehind(type))) return;
  let at: RulesCursor = { phase: 'rules', after: work.progressIn('rules', type)?.after ?? '' };
  for (let isFirst = true; ; isFirst = false) {
    await folded(); // otherwise what was imported a moment ago, by this cycle or on demand, would count as outdated
    const seen = work.knownNow([]);
    const page = await outdated.list(work.cycleId, type, work.cycle.opened.rules, at.after, mostPerAppend);
    if (page.length === 0) return;
    const differing = await reassessment.differing(page);
    if (isFirst && differing.length > 0) await expectDiffering(work, differing.length / page.length);
    at = { phase: 'rules', after: page.at(-1)!.objectKey };
    work.done = { ...work.done, reevaluated: (work.done.reevaluated ?? 0) + page.length };
    await work.say(
      differing.map((known) => work.onceMore(known)),
      at,
      seen,
    );
    await work.betweenPages();
  }
}

/** @param share of the first page that fares differently: so it may be with the others */
async function expectDiffering({ kind, ports, cycle, cycleId }: CycleWork, share: number): Promise<void> {
  if (kind.listedAt !== null) return;
  const counted = await kind.probeTarget();
  const outdated = await ports.outdated.count(cycleId, kind.mapping.type, cycle.opened.rules);
  await kind.chooseAccounts(true, counted, Math.round(share * outdated));
}
