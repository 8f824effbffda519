/** A query option cannot be understood, or asks for what is not supported. The message names the option, the place in it, and what is supported. */
export class BadQuery extends Error {
  override readonly name = 'BadQuery';

  /** @param at characters from the start of the option's value, 0 for the first; null when it is about the whole */
  constructor(
    readonly option: string,
    problem: string,
    readonly at: number | null = null,
  ) {
    super(`${option}${at === null ? '' : `, character ${at + 1}`}: ${problem}`);
  }
}
