import type { CommandAnswer } from '@provident/contracts';

import type { Cli, JsonOption } from '../cli.js';
import { print, printJson } from '../cli.js';
import type { JobFile } from '../job-file/read-job-file.js';
import { placeIssues, renderIssue } from '../job-file/render-issues.js';
import { printable } from '../render/text.js';

/** Prints the answer to a command. @returns the exit status: 1 when it was refused */
export function printAnswer(cli: Cli, answer: CommandAnswer, { json }: JsonOption): number {
  if (json) printJson(cli, answer);
  else print(answer.ok ? cli.out : cli.err, printable(answer.message));
  return answer.ok ? 0 : 1;
}

/** What could not be found out, such as the attributes of a system that did not answer. */
export function notesOf({ result: { notes } }: CommandAnswer): string[] {
  return Array.isArray(notes) ? notes.map((note) => `note: ${printable(String(note))}`) : [];
}

/** The same for a command that took a job file: issues are shown where they stand in it. */
export function printJobAnswer(cli: Cli, file: JobFile, answer: CommandAnswer, { json }: JsonOption): number {
  const issues = placeIssues(file, answer.issues);
  if (json) printJson(cli, { ...answer, issues });
  else
    for (const line of [...issues.map(renderIssue), ...notesOf(answer), `${file.path}: ${printable(answer.message)}`]) print(cli.out, line);
  return answer.ok ? 0 : 1;
}
