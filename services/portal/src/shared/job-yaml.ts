import { LineCounter, parseDocument, stringify } from 'yaml';

/** A mistake in the text, with line and column from 1. */
export interface SyntaxMistake {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A job as text. */
export const printJob = (definition: unknown): string => stringify(definition, { lineWidth: 140 });

/** The job that a text says, or the mistakes in it: YAML, of which JSON is a part. */
export function parseJob(text: string): { readonly definition: unknown } | { readonly mistakes: readonly SyntaxMistake[] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  if (document.errors.length === 0) return { definition: document.toJS() as unknown };
  return {
    mistakes: document.errors.map(({ pos: [from], message }) => {
      const { line, col } = lineCounter.linePos(from);
      return { line, column: col, message };
    }),
  };
}
