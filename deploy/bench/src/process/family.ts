import { cpuSeconds, cpuSecondsOfTree, machineBusySeconds, memoryOfTree, peakMemory } from './usage.js';

interface Member {
  readonly name: string;
  readonly pid: number;
  readonly isTree: boolean;
  /** Of a tree, as far as it was seen; a single process keeps its own record. */
  peak: number;
  /** What it had used when it was last looked at: it may have ended since. */
  cpu: number;
}

/** Processor seconds by process; `other programs` is what the machine did for somebody else, its kernel's threads included. */
export type CpuByProcess = Readonly<Record<string, number>>;

const lookEveryMs = 250;
export const others = 'other programs';

/** Everything that runs for the bench, with what it uses. */
export class Family {
  private readonly members: Member[] = [];
  private readonly timer = setInterval(() => this.look(), lookEveryMs);

  add(name: string, pid: number, { isTree = false } = {}): void {
    this.members.push({ name, pid, isTree, peak: 0, cpu: 0 });
    this.look();
  }

  /** Measures what is used from here until the returned function is called. */
  watch(): () => CpuByProcess {
    const before = this.now();
    return () => {
      const after = this.now();
      return Object.fromEntries(Object.entries(after).map(([name, seconds]) => [name, round(seconds - (before[name] ?? 0))]));
    };
  }

  /** Most memory of each, in MiB. */
  peaks(): Readonly<Record<string, number>> {
    this.look();
    const all: Record<string, number> = {};
    for (const { name, peak } of this.members) all[name] = Math.max(all[name] ?? 0, round(peak));
    return all;
  }

  end(): void {
    clearInterval(this.timer);
  }

  /** Done now and then anyway; to be done before somebody ends. */
  look(): void {
    for (const member of this.members) {
      const { pid, isTree } = member;
      member.peak = Math.max(member.peak, (isTree ? memoryOfTree(pid) : peakMemory(pid)) || 0);
      member.cpu = Math.max(member.cpu, (isTree ? cpuSecondsOfTree(pid) : cpuSeconds(pid)) || 0);
    }
  }

  private now(): Record<string, number> {
    this.look();
    const all: Record<string, number> = {};
    for (const { name, cpu } of this.members) all[name] = (all[name] ?? 0) + cpu;
    const { user, system } = process.cpuUsage();
    all['the bench itself'] = (user + system) / 1e6;
    all[others] = machineBusySeconds() - Object.values(all).reduce((sum, seconds) => sum + seconds, 0);
    return all;
  }
}

const round = (value: number): number => Math.round(value * 100) / 100;
