import { createRequire } from 'node:module';

import type { AddCommand, JsonOption } from '../cli.js';
import { action, print, printJson } from '../cli.js';
import { jsonOption } from './options.js';

/** Version of this build. */
export const version = (createRequire(import.meta.url)('../../package.json') as { version: string }).version;

export const addVersion: AddCommand = (program, cli, end) => {
  program
    .command('version')
    .description('the version of this program and of what it runs on')
    .addOption(jsonOption())
    .action(
      action(cli, end, async ({ json }: JsonOption) => {
        const facts = { version, node: process.versions.node, platform: `${process.platform}-${process.arch}` };
        if (json) printJson(cli, facts);
        else print(cli.out, `provident ${facts.version} (Node ${facts.node}, ${facts.platform})`);
      }),
    );
};
