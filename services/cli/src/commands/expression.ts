import { randomInt, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import {
  type AttributeBag,
  type Call,
  type ContextNeed,
  type ExpressionContext,
  type ExpressionIssue,
  checkExpression,
  parseExpression,
  traceExpression,
} from '@provident/domain';

import type { AddCommand, Cli, JsonOption } from '../cli.js';
import { action, print, printJson } from '../cli.js';
import { CliError, messageOf } from '../cli-error.js';
import { renderIssueInText, renderTrace } from '../render/expression.js';
import { jsonOption } from './options.js';

interface ExpressionOptions extends JsonOption {
  readonly with?: string;
}

/** No target is asked here: `SelectUniqueValue` and `DefaultDomain` are refused. */
const available: ReadonlySet<ContextNeed> = new Set(['now', 'random', 'newId']);

export const addExpression: AddCommand = (program, cli, end) => {
  program
    .command('expression')
    .argument('<expression>', 'such as \'Join(".", [firstName], [lastName])\'')
    .description('evaluate an expression of a mapping here and now, and show the value of each of its parts')
    .option('--with <file>', 'JSON file with the attributes of one person')
    .addOption(jsonOption())
    .action(
      action(cli, end, async (text: string, options: ExpressionOptions) => {
        const parsed = parseExpression(text);
        const issues = parsed.issue ? [parsed.issue] : checkExpression(parsed.expression, { available });
        if (parsed.issue || issues.length > 0) return refuse(cli, text, issues, options);
        return evaluate(cli, text, parsed.expression, options);
      }),
    );
};

function refuse(cli: Cli, text: string, issues: readonly ExpressionIssue[], { json }: ExpressionOptions): number {
  if (json) printJson(cli, { expression: text, issues });
  else for (const issue of issues) print(cli.err, renderIssueInText(text, issue));
  return 1;
}

async function evaluate(cli: Cli, text: string, expression: Call, options: ExpressionOptions): Promise<number> {
  const attributes = options.with === undefined ? {} : await readAttributes(options.with, cli.cwd);
  const { result, steps } = traceExpression(expression, attributes, contextOf(cli));
  if (options.json) printJson(cli, { expression: text, ...result, steps });
  else {
    for (const line of renderTrace(text, result, steps)) print(cli.out, line);
    if (result.error) print(cli.err, renderIssueInText(text, result.error));
  }
  return result.error ? 1 : 0;
}

const contextOf = (cli: Cli): ExpressionContext => ({
  now: new Date(cli.now()).toISOString(),
  random: (below) => randomInt(below),
  newId: () => randomUUID(),
});

async function readAttributes(path: string, cwd: string): Promise<AttributeBag> {
  const content = await readFile(resolve(cwd, path), 'utf8').catch((cause: unknown) => {
    throw new CliError(`${path} cannot be read: ${messageOf(cause)}`, 1, 'unreadable-file', { cause });
  });
  const attributes = parseJson(content, path);
  if (typeof attributes === 'object' && attributes !== null && !Array.isArray(attributes)) return attributes as AttributeBag;
  throw new CliError(`${path} must hold one JSON object: the attributes of a person by their names`, 1, 'bad-json');
}

function parseJson(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new CliError(`${path} is not JSON: ${messageOf(cause)}`, 1, 'bad-json', { cause });
  }
}
