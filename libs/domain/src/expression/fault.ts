/** Why an expression gave no value: the closed set of codes. */
export const expressionErrorCodes = [
  'unreadable',
  'unknown-function',
  'wrong-arguments',
  'wrong-type',
  'missing-value',
  'bad-value',
  'bad-date',
  'bad-pattern',
  'out-of-range',
  'too-large',
  'not-available',
  'not-unique',
  'raised',
] as const;
export type ExpressionErrorCode = (typeof expressionErrorCodes)[number];

/** An expression that could not be evaluated for one object. Never the whole job's failure. */
export interface ExpressionError {
  readonly code: ExpressionErrorCode;
  /** A sentence without the place. */
  readonly message: string;
  /** Where the sub-expression begins that failed: characters from the start of the text. */
  readonly at: number;
}

/** Thrown inside functions and caught at the edge of an evaluation, where it becomes an `ExpressionError`. Never leaves this folder. */
export class Fault extends Error {
  override readonly name = 'Fault';
  /** Set on the way out, by the innermost sub-expression that it passes. */
  at: number | undefined;

  constructor(
    readonly code: ExpressionErrorCode,
    message: string,
    at?: number,
  ) {
    super(message);
    this.at = at;
  }
}
