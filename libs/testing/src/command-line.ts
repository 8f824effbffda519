import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** The command line asks for what is not there. */
export class WrongOptions extends Error {
  override readonly name = 'WrongOptions';
}

type Known = Readonly<Record<string, 'text' | 'flag'>>;
type Values<Options extends Known> = {
  readonly [Name in keyof Options]: Options[Name] extends 'flag' ? boolean : string | undefined;
};

/**
 * The options of a program of ours; null when it was asked for help, which was then given.
 * @param known by name without dashes: those with a text behind them, and those that stand alone
 * @throws WrongOptions
 */
export function readOptionsOf<const Options extends Known>(argv: readonly string[], known: Options, usage: string): Values<Options> | null {
  const options: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h', default: false } };
  for (const [name, kind] of Object.entries(known))
    options[name] = kind === 'flag' ? { type: 'boolean', default: false } : { type: 'string' };
  let values;
  try {
    ({ values } = parseArgs({ args: [...argv], options }));
  } catch (error) {
    throw new WrongOptions(`${(error as Error).message}\n\n${usage}`);
  }
  if (!values['help']) return values as Values<Options>;
  process.stdout.write(usage);
  return null;
}

/** @throws WrongOptions unless the text is a whole number from `least` on; underscores may part its digits */
export function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text.replaceAll('_', ''));
  if (Number.isInteger(value) && value >= least) return value;
  throw new WrongOptions(`${name}: a whole number from ${least} on, not ${text}`);
}
