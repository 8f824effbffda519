import { readFileSync, readdirSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second for everybody who asks. */
const ticksPerSecond = 100;

/** Processor seconds of a process, user and system; NaN where /proc does not tell. */
export function cpuSeconds(pid: number): number {
  const fields = statFields(pid);
  return fields ? (Number(fields[11]) + Number(fields[12])) / ticksPerSecond : Number.NaN;
}

/** The same of a process with all its children, those that have ended included. */
export function cpuSecondsOfTree(pid: number): number {
  const fields = statFields(pid);
  if (!fields) return Number.NaN;
  const own = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
  return own + childrenOf(pid).reduce((sum, child) => sum + (cpuSecondsOfTree(child) || 0), 0);
}

/** Most memory that a process ever had resident, in MiB; NaN where /proc does not tell. */
export const peakMemory = (pid: number): number => (statusOf(pid)['VmHWM'] ?? Number.NaN) / 1024;

/** Memory of a process and its children in MiB: what each has for itself, and what they share once. */
export function memoryOfTree(pid: number): number {
  const all = [pid, ...childrenOf(pid)].map(statusOf);
  const own = all.reduce((sum, status) => sum + (status['RssAnon'] ?? 0), 0);
  return (own + Math.max(...all.map((status) => status['RssShmem'] ?? 0))) / 1024;
}

/** Processor seconds that the whole machine has been busy, whoever was at it; NaN where /proc does not tell. */
export function machineBusySeconds(): number {
  const line = read('/proc/stat').split('\n', 1)[0] ?? '';
  const [user, nice, system, , , irq, softirq, steal] = line.split(/\s+/).slice(1).map(Number);
  return (user! + nice! + system! + irq! + softirq! + steal!) / ticksPerSecond;
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** The fields behind the name, which may hold anything: state first, then utime at 11, stime, cutime, cstime. */
function statFields(pid: number): string[] | null {
  const text = read(`/proc/${pid}/stat`);
  return text === '' ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function statusOf(pid: number): Record<string, number> {
  const lines = read(`/proc/${pid}/status`).matchAll(/^(\w+):\s+(\d+) kB$/gm);
  return Object.fromEntries(Array.from(lines, ([, name, kB]) => [name, Number(kB)]));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
