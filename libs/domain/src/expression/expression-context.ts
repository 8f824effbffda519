/** What an evaluation may know besides the object's attributes. A function that needs what is not given fails; nothing is made up. */
export interface ExpressionContext {
  /** What `Now` gives: a UTC instant, ISO 8601. */
  readonly now?: string;
  /** The next random whole number from 0 up to, but not including, `below`. */
  readonly random?: (below: number) => number;
  /** The next new id, in lower case with hyphens: what `Guid` gives. */
  readonly newId?: () => string;
  /** Whether an account in the target has the value already: what `SelectUniqueValue` asks. */
  readonly isTaken?: (value: string) => boolean;
  /** What `DefaultDomain` gives. */
  readonly defaultDomain?: string;
}

/** A part of the context that a function cannot do without. */
export type ContextNeed = keyof ExpressionContext;

/** In whose absence a function is refused, in words. */
export const needWords: Readonly<Record<ContextNeed, string>> = {
  now: 'the time',
  random: 'random numbers',
  newId: 'new ids',
  isTaken: 'to ask the target whether a value is taken',
  defaultDomain: 'the default domain of a directory',
};
