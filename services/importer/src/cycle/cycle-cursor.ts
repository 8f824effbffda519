import type { SourceCursor } from '@provident/connectors';

/** Where a cycle's import stands: reading the source, taking up what a complete read did not show, or judging by new rules what is known of the others. */
export type CycleCursor =
  | { readonly phase: 'source'; readonly at: SourceCursor | null; readonly withheld: string | null }
  | {
      readonly phase: 'absent';
      readonly after: string;
      readonly watermark: SourceCursor;
      readonly withheld: string | null;
      readonly gone: number;
    }
  | {
      readonly phase: 'rules';
      readonly after: string;
      readonly watermark: SourceCursor;
      readonly withheld: string | null;
      readonly gone: number;
      readonly reevaluated: number;
    };

/** Where it stands once the source was read. */
export type AbsentCursor = Extract<CycleCursor, { phase: 'absent' }>;
export type RulesCursor = Extract<CycleCursor, { phase: 'rules' }>;

export interface CycleCounts {
  readonly page: number;
  readonly read: number;
  readonly imported: number;
  readonly failed: number;
}

export const noCounts: CycleCounts = { page: 0, read: 0, imported: 0, failed: 0 };
