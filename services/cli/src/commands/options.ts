import { InvalidArgumentError, Option } from 'commander';

export const jsonOption = (): Option => new Option('--json', 'print the documented view instead of text');

/** A whole number from `least` on. */
export const wholeNumber =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(
      `It is no whole number ${most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `between ${least} and ${most}`}.`,
    );
  };

export const port = wholeNumber(1, 65_535);
