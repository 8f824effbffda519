import { others } from '../process/family.js';
import { type Figure, type Phase, phasesOf } from './figures.js';
import type { Machine } from './machine.js';
import type { Result } from './results.js';
import { printTable } from './table.js';
import type { Measured } from '../run-bench.js';

export function printReport(result: Result, measured: Measured, earlier: Result | null): string {
  return [
    machineLine(result.machine, result.commit),
    figuresTable(result.figures, earlier),
    cpuTable(phasesOf(measured), result.machine.cores),
    ...remarks(result.machine, earlier),
  ].join('\n');
}

/** What was measured beside what it should be, and beside what it was. */
export const figuresTable = (figures: Result['figures'], earlier: Result | null = null): string =>
  printTable(
    ['What', 'measured', '', 'at least', '', 'aim', '', ...(earlier ? [`${earlier.date} ${earlier.commit}`, 'change'] : [])],
    Object.entries(figures).map(([key, figure]) => figureRow(figure, earlier?.figures[key])),
  );

/** Who had the processor, and how much of all cores was taken. */
function cpuTable(phases: readonly Phase[], cores: number): string {
  const names = [...new Set(phases.flatMap(({ cpu }) => Object.keys(cpu)))].filter((name) => name !== others);
  const rows = [...names, others].map((name) => [name, ...phases.map(({ cpu }) => cpu[name] ?? 0)] as const);
  const busy = phases.map(({ cpu, seconds }) => Object.values(cpu).reduce((sum, each) => sum + each, 0) / (seconds * cores));
  return printTable(
    ['Processor seconds', ...phases.map(({ title, seconds }) => `${title} (${seconds.toFixed(1)} s)`)],
    [
      ...rows
        .filter(([, ...spent]) => spent.some((each) => Math.abs(each) >= 0.01))
        .map(([name, ...spent]) => [name, ...spent.map((each) => (Math.abs(each) < 0.01 ? '' : each.toFixed(2)))]),
      ['of all cores', ...busy.map((share) => `${Math.round(share * 100)} %`)],
    ],
  );
}

export const machineLine = ({ cores, cpu, memoryGiB, node, nats, postgres, syncMs, load }: Machine, commit: string): string =>
  `\nCommit ${commit}; ${cores} x ${cpu}, ${memoryGiB} GiB, sync of 4 KiB ${syncMs} ms, load before ${load}; Node ${node}, NATS ${nats}, PostgreSQL ${postgres}\n`;

function remarks(machine: Machine, earlier: Result | null): string[] {
  const said: string[] = [];
  if (earlier && (earlier.machine.cpu !== machine.cpu || earlier.machine.cores !== machine.cores))
    said.push(`The earlier result is of another machine (${earlier.machine.cores} x ${earlier.machine.cpu}).\n`);
  return said;
}

function figureRow(figure: Figure, before: Figure | undefined): string[] {
  const { title, value, unit, atLeast, aim } = figure;
  const row = [title, amount(value, unit), unit, goal(figure, atLeast), mark(figure, atLeast), goal(figure, aim), mark(figure, aim)];
  return before ? [...row, amount(before.value, unit), change(value, before.value)] : row;
}

const goal = ({ better, unit }: Figure, value: number | undefined): string =>
  value === undefined ? '' : `${better === 'higher' ? '≥' : '≤'} ${amount(value, unit)}`;

function mark({ better, value }: Figure, wanted: number | undefined): string {
  if (wanted === undefined) return '';
  return (better === 'higher' ? value >= wanted : value <= wanted) ? '✓' : '✗';
}

function amount(value: number, unit: string): string {
  if (unit === 'x' || unit === 's' || unit === 'ms cpu') return value.toFixed(2);
  if (unit === '%') return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
  return Math.round(value).toLocaleString('en-US');
}

function change(now: number, before: number): string {
  if (before === 0) return '';
  const percent = ((now - before) / before) * 100;
  return `${percent >= 0 ? '+' : '−'}${Math.abs(percent).toFixed(0)} %`;
}
