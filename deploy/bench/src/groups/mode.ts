import { type CpuByProcess, others } from '../process/family.js';
import { type Figure, lower } from '../report/figures.js';
import type { Mode } from '../report/keep.js';
import { type GroupsOptions, readGroupsOptions } from './options.js';
import { type GroupCycleMeasured, type GroupsMeasured, runGroups, swapped } from './run-groups.js';

const own = (cpu: CpuByProcess): number =>
  Object.entries(cpu).reduce((sum, [name, seconds]) => sum + (name === others || name === 'target' ? 0 : seconds), 0);

const of = (key: string, title: string, { seconds, secondsUntilWhole, requests, events, cpu }: GroupCycleMeasured) => {
  const patches = requests['PATCH Groups'] ?? { requests: 0, bytes: 0, most: 0 };
  const all = Object.values(requests).reduce((sum, each) => sum + each.requests, 0);
  return {
    [`${key}.seconds`]: lower(`${title}, ordered to closed`, seconds, 's'),
    [`${key}.whole`]: lower('  ordered to every member written', secondsUntilWhole, 's'),
    [`${key}.requests`]: lower('  requests to the target', all, ''),
    [`${key}.changes`]: lower('  of these, changes of the group', patches.requests, ''),
    [`${key}.bytes`]: lower('  bytes of these changes', patches.bytes, 'B'),
    [`${key}.largest`]: lower('  bytes of the largest', patches.most, 'B'),
    [`${key}.events`]: lower('  events', events, ''),
    [`${key}.cpu`]: lower('  processor time, all but the target', own(cpu) * 1_000, 'ms cpu'),
  };
};

export const groupsMode: Mode<GroupsOptions, GroupsMeasured> = {
  name: 'groups',
  readOptions: readGroupsOptions,
  run: runGroups,
  figures: ({ first, change, idle, peaks }): Record<string, Figure> => ({
    ...of('first', 'First cycle', first),
    ...of('change', `${swapped} come and ${swapped} leave`, change),
    ...of('idle', 'Nothing changes', idle),
    ...Object.fromEntries(
      Object.entries(peaks)
        .filter(([name]) => !['target', 'Postgres', 'NATS'].includes(name))
        .map(([name, peak]) => [`memory.${name}`, lower(`Most memory, ${name}`, peak, 'MiB', 256)]),
    ),
  }),
  describe: ({ members }) => `A group of ${members.toLocaleString('en-US')} members, from CSV files to SCIM`,
  facts: ({ members }, { first, change, idle }) => ({
    members,
    requests: { first: first.requests, change: change.requests, idle: idle.requests },
  }),
  size: ({ members }) => String(members),
};
