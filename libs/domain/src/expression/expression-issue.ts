/** What is wrong with an expression, and where. */
export interface ExpressionIssue {
  /** Characters from the start of the text, 0 for the first. */
  readonly at: number;
  /** A sentence without the place. */
  readonly message: string;
  /** The name that was probably meant. */
  readonly nearest?: string;
}

/** `column 14`, or `line 2, column 3` of a text of several lines. Columns count characters from 1. */
export function placeText(text: string, at: number): string {
  const before = text.slice(0, at).split('\n');
  const column = `column ${Array.from(before.at(-1)!).length + 1}`;
  return text.includes('\n') ? `line ${before.length}, ${column}` : column;
}

/** `column 14: expected a closing parenthesis of Switch` */
export const placed = (text: string, { at, message }: Pick<ExpressionIssue, 'at' | 'message'>): string =>
  `${placeText(text, at)}: ${message}`;
