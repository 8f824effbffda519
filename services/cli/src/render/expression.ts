import { type ExpressionIssue, type ExpressionResult, type TraceStep, placed } from '@provident/domain';

import { cut, displayWidth, printable } from './text.js';

/** Constants say themselves. */
const constants: ReadonlySet<TraceStep['kind']> = new Set(['text', 'number', 'boolean', 'keyword']);

/** The result, then every sub-expression with its value, each inside the one that it is an argument of. */
export function renderTrace(text: string, result: ExpressionResult, steps: readonly TraceStep[]): string[] {
  const shown = steps.filter(({ kind }) => !constants.has(kind));
  const lines = shown.map((step) => `${'  '.repeat(step.depth)}${cut(printable(step.text), 100)}  ${outcome(text, step)}`);
  return result.error ? lines : [valueText(result.value), '', ...lines];
}

/** What is wrong, under a caret under the place where it stands. */
export function renderIssueInText(text: string, issue: Pick<ExpressionIssue, 'at' | 'message'>): string {
  const start = text.slice(0, issue.at).lastIndexOf('\n') + 1;
  const line = text.slice(start).split('\n', 1)[0]!;
  const before = displayWidth(printable(text.slice(start, issue.at)));
  return [printable(line), `${' '.repeat(before)}^`, printable(placed(text, issue))].join('\n');
}

function outcome(text: string, { state, value, error }: TraceStep): string {
  if (state === 'skipped') return '(not evaluated)';
  return state === 'error' && error ? `! ${printable(placed(text, error))}` : `= ${valueText(value)}`;
}

/** Text in quotes, so that empty text and none can be told apart. */
const valueText = (value: TraceStep['value']): string => (value === null ? 'null' : printable(JSON.stringify(value)));
