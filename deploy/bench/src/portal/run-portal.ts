import { findChromium } from '@provident/testing';

import { BenchError } from '../bench-error.js';
import type { Teardown } from '../process/teardown.js';
import { describeMachine, loadNow, type Machine } from '../report/machine.js';
import { type Filled, fillReadModels } from '../reports/fill.js';
import { idOf } from '../reports/stock.js';
import { World } from '../world.js';
import type { PortalOptions } from './options.js';
import { type Visited, visitPortal } from './visit.js';

export interface PortalMeasured {
  readonly machine: Machine;
  readonly filled: Filled;
  readonly visited: Visited;
}

/** Fills read models and looks at them through the portal. @throws BenchError at the first page that does not show what it should */
export async function runPortal(
  options: PortalOptions,
  teardown: Teardown,
  say: (line: string) => void,
  onLoss: (error: BenchError) => void,
): Promise<PortalMeasured> {
  const browser = findChromium();
  if (browser === null) throw new BenchError('no browser was found: install Chromium, or name one in PROVIDENT_CHROMIUM');
  const load = loadNow();
  say('starting servers');
  const world = await World.open(options, teardown, onLoss);
  const machine = describeMachine(world, load);
  const filled = await fillReadModels(world, teardown, { entries: options.entries, say });
  say('starting report-api');
  await world.startServices(['report-api']);
  return { machine, filled, visited: await visitPortal(browser, { apiUrl: world.apiUrl, person: idOf(14), say }) };
}
