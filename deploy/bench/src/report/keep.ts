import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { resultsFolder } from '../places.js';
import type { Teardown } from '../process/teardown.js';
import type { BenchError } from '../bench-error.js';
import type { Figure } from './figures.js';
import { type Machine, commitHere } from './machine.js';
import { figuresTable, machineLine } from './print-report.js';

/** One question that the bench answers besides the usual one: `npm run bench -- <name>`. */
export interface Mode<Options extends { readonly save: boolean }, Measured extends { readonly machine: Machine }> {
  readonly name: string;
  /** null when help was asked for. */
  readonly readOptions: (argv: readonly string[]) => Options | null;
  readonly run: (
    options: Options,
    teardown: Teardown,
    say: (line: string) => void,
    onLoss: (error: BenchError) => void,
  ) => Promise<Measured>;
  /** By keys that stay the same, so that results can be compared. */
  readonly figures: (measured: Measured) => Record<string, Figure>;
  /** What was measured, in a line. */
  readonly describe: (options: Options, measured: Measured) => string;
  /** What a kept result says besides. */
  readonly facts: (options: Options, measured: Measured) => Readonly<Record<string, unknown>>;
  /** In the name of a kept result. */
  readonly size: (options: Options) => string;
}

export function printMode<Options extends { readonly save: boolean }, Measured extends { readonly machine: Machine }>(
  mode: Mode<Options, Measured>,
  options: Options,
  measured: Measured,
): string {
  return [machineLine(measured.machine, commitHere()), `${mode.describe(options, measured)}\n`, figuresTable(mode.figures(measured))].join(
    '\n',
  );
}

/** @returns where it was kept: `results/<name>/<date>-<commit>-<size>.json` */
export async function keep<Options extends { readonly save: boolean }, Measured extends { readonly machine: Machine }>(
  mode: Mode<Options, Measured>,
  options: Options,
  measured: Measured,
): Promise<string> {
  const folder = join(resultsFolder, mode.name);
  const at = new Date().toISOString();
  const commit = commitHere();
  const file = join(folder, `${at.slice(0, 10)}-${commit}-${mode.size(options)}.json`);
  await mkdir(folder, { recursive: true });
  const result = { at, commit, ...mode.facts(options, measured), machine: measured.machine, figures: mode.figures(measured) };
  await writeFile(file, `${JSON.stringify(result, null, 1)}\n`);
  return file;
}
