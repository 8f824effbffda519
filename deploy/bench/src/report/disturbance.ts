import { others } from '../process/family.js';
import type { Measured } from '../run-bench.js';

/** Others' part of the machine from which on they are in the way; the kernel's own work for the bench is a part of it too. */
const muchForOthers = 0.1;
/** How far apart the two bare loops may lie, as a part of the faster one. */
const farApart = 0.25;

/** Why these numbers say little about Provident; null when nothing was in the way. */
export function findDisturbance({ machine, bare, first }: Measured): string | null {
  if (machine.inMemory) return 'the data folder lies in memory, so nothing was durable: choose another one with --folder';
  const share = (first.cpu[others] ?? 0) / (machine.cores * (first.secondsUntilVisible ?? first.seconds));
  if (share > muchForOthers) return `other programs had ${Math.round(share * 100)} % of the machine during the first cycle`;
  const rates = [bare.before.usersPerSecond, bare.after.usersPerSecond];
  if (Math.min(...rates) < (1 - farApart) * Math.max(...rates)) return 'the two bare loops differ too much: something else was running';
  return null;
}
