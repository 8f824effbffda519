import type { Measured } from '../run-bench.js';
import { type CpuByProcess, others } from '../process/family.js';

/** A measured number and its goals. */
export interface Figure {
  readonly title: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly atLeast?: number;
  readonly aim?: number;
}

export const higher = (title: string, value: number, unit: string, atLeast?: number, aim?: number): Figure =>
  figure(title, value, unit, 'higher', atLeast, aim);
export const lower = (title: string, value: number, unit: string, atLeast?: number, aim?: number): Figure =>
  figure(title, value, unit, 'lower', atLeast, aim);

function figure(title: string, value: number, unit: string, better: 'higher' | 'lower', atLeast?: number, aim?: number): Figure {
  return {
    title,
    value: Math.round(value * 1_000) / 1_000,
    unit,
    better,
    ...(atLeast !== undefined && { atLeast }),
    ...(aim !== undefined && { aim }),
  };
}

/** Figures by a key that stays the same from version to version, so that results can be compared. */
export function figuresOf(measured: Measured): Record<string, Figure> {
  const { users, bare, first, incremental, rebuild, onDemand, peaks } = measured;
  const usersPerSecond = users / first.seconds;
  const bareMean = (bare.before.usersPerSecond + bare.after.usersPerSecond) / 2;
  const all: Record<string, Figure | null> = {
    'bare.before': higher('Bare loop, before', bare.before.usersPerSecond, 'users/s'),
    'bare.after': higher('Bare loop, after', bare.after.usersPerSecond, 'users/s'),
    'first.rate': higher('First cycle', usersPerSecond, 'users/s', 500, 1_500),
    'first.ratio': higher('  of the bare loop (mean)', usersPerSecond / bareMean, 'x', undefined, 0.25),
    'first.seconds': lower('  ordered to closed', first.seconds, 's'),
    'first.events': higher('  events', first.events / first.seconds, 'events/s'),
    'first.cpu': lower('  processor time per user', (ownSeconds(first.cpu) / users) * 1_000, 'ms cpu'),
    ...spread('first.read-to-written', '  source read to target written', first.readToWritten),
    ...spread('first.visible', '  written to visible in the log', first.writtenToVisible, 500, 200),
    'first.all-visible':
      first.secondsUntilVisible === null ? null : lower('  ordered to all of it visible', first.secondsUntilVisible, 's'),
    'incremental.seconds': lower(`Incremental cycle, ${incremental.closed.tally.updated} changed`, incremental.seconds, 's'),
    ...spread('incremental.read-to-written', '  source read to target written', incremental.readToWritten),
    ...spread('incremental.change-to-written', '  change in the source to target', incremental.orderToWritten, 2_000, 500),
    ...spread('incremental.visible', '  written to visible in the log', incremental.writtenToVisible, 500, 200),
    'on-demand.asked': higher('On demand, during a first cycle', onDemand.asked, 'people'),
    ...spread('on-demand.answered', '  request to answer', onDemand.answered, 2_000, 1_000),
    'rebuild.rate': rebuild && higher('Rebuild of all read models', rebuild.events / rebuild.seconds, 'events/s', 20_000, 40_000),
    'rebuild.cpu': rebuild && lower('  processor time per 1,000 events', (ownSeconds(rebuild.cpu) / rebuild.events) * 1_000_000, 'ms cpu'),
  };
  for (const [name, peak] of Object.entries(peaks)) {
    const isService = measured.services.includes(name);
    all[`memory.${name}`] = isService ? lower(`Memory, ${name}`, peak, 'MiB', 256, 150) : lower(`Memory, ${name}`, peak, 'MiB');
  }
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, Figure] => entry[1] !== null));
}

/** All of it but other programs': what a user costs, however busy the machine is otherwise. */
const ownSeconds = (cpu: CpuByProcess): number =>
  Object.entries(cpu).reduce((sum, [name, seconds]) => (name === others ? sum : sum + seconds), 0);

function spread(
  key: string,
  title: string,
  values: { readonly p50: number; readonly p99: number } | null,
  atLeast?: number,
  aim?: number,
): Record<string, Figure | null> {
  if (values === null) return {};
  return {
    [`${key}.p50`]: lower(`${title}, p50`, values.p50, 'ms'),
    [`${key}.p99`]: lower(`${title}, p99`, values.p99, 'ms', atLeast, aim),
  };
}

export interface Phase {
  readonly title: string;
  readonly seconds: number;
  readonly cpu: CpuByProcess;
}

/** The stretches of time over which processor seconds were counted. */
export function phasesOf({ bare, first, incremental, rebuild }: Measured): Phase[] {
  return [
    { title: 'bare loop', ...bare.before },
    { title: 'first cycle', cpu: first.cpu, seconds: first.secondsUntilVisible ?? first.seconds },
    { title: 'incremental', cpu: incremental.cpu, seconds: incremental.secondsUntilVisible ?? incremental.seconds },
    ...(rebuild ? [{ title: 'rebuild', ...rebuild }] : []),
  ];
}
