import type { Issue } from '@provident/contracts';

import { printable } from '../render/text.js';
import type { JobFile } from './read-job-file.js';

/** An issue and where it stands: what `validate --json` prints. */
export type PlacedIssue = Issue & { readonly file: string; readonly line: number; readonly column: number };

/** The issues in the order of the file. */
export function placeIssues(file: JobFile, issues: readonly Issue[]): PlacedIssue[] {
  return issues
    .map((issue) => ({ ...issue, file: file.path, ...file.placeOf(issue.path) }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

/** `job.yaml:12:5  unknown key "conector" (did you mean "connector"?)` */
export function renderIssue(issue: PlacedIssue): string {
  const hint = issue.nearest === undefined || issue.message.includes(`"${issue.nearest}"?`) ? '' : ` (did you mean "${issue.nearest}"?)`;
  return `${issue.file}:${issue.line}:${issue.column}  ${printable(issue.message)}${printable(hint)}`;
}
