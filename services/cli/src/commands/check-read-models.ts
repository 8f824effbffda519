import { ReadModelCheckView } from '@provident/contracts';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ApiClient } from '../api-client.js';
import type { AddCommand, Cli, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { printable } from '../render/text.js';
import { printAnswer } from './answer.js';
import { jsonOption } from './options.js';

const askEveryMs = 500;

export const addVerify: AddCommand = (program, cli, end) => {
  program
    .command('verify')
    .description('prove that nothing is missing: the log has no gap, every cycle adds up, the reports are what the log says')
    .addOption(jsonOption())
    .action(action(cli, end, (options: JsonOption) => checkReadModels(cli, 'verify', options)));
};

export const addRebuild: AddCommand = (program, cli, end) => {
  program
    .command('rebuild')
    .description('build everything that reports are answered from anew out of the log; reports are answered meanwhile')
    .addOption(jsonOption())
    .action(action(cli, end, (options: JsonOption) => checkReadModels(cli, 'rebuild', options)));
};

/** @returns the exit status: 0 only when everything is as it should be */
async function checkReadModels(cli: Cli, kind: ReadModelCheckView['kind'], options: JsonOption): Promise<number> {
  const api = await findApi(cli);
  const answer = await api.checkReadModels(kind);
  if (!answer.ok) return printAnswer(cli, answer, options);
  const ended = await watch(cli, api, ReadModelCheckView.parse(answer.result['check']).checkId, options);
  if (options.json) printJson(cli, ended);
  else for (const { ok, check, text } of ended.findings) print(cli.out, `${mark(cli, ok)} ${check.padEnd(22)} ${printable(text)}`);
  return ended.state === 'succeeded' ? 0 : 1;
}

async function watch(cli: Cli, api: ApiClient, checkId: string, { json }: JsonOption): Promise<ReadModelCheckView> {
  const screen = json ? cli.err : cli.out;
  for (let told = -1; ; await sleep(askEveryMs)) {
    const check = await api.readModelCheck(checkId);
    if (check.state !== 'running') return check;
    const percent = check.head === 0 ? 0 : Math.floor((100 * check.position) / check.head);
    if (percent >= told + 10) {
      print(screen, `${check.position} of ${check.head} events read (${percent} %)`);
      told = percent;
    }
  }
}

const mark = (cli: Cli, ok: boolean): string => (ok ? cli.paint('green', 'ok  ') : cli.paint('red', 'NOT '));
