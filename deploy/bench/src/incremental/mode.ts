import { type Figure, lower } from '../report/figures.js';
import type { Mode } from '../report/keep.js';
import { type IncrementalOptions, readIncrementalOptions } from './options.js';
import { type DirectoryMeasured, type IncrementalMeasured, runIncremental } from './run-incremental.js';

const most = 2;

const of = (key: string, { people, seconds, cpuMs, rounds, drift }: DirectoryMeasured): Record<string, Figure> => {
  const slapd = rounds.map(({ cpu }) => cpu['slapd'] ?? 0).toSorted((a, b) => a - b)[rounds.length >> 1]!;
  return {
    [`${key}.seconds`]: lower(`Of ${people.toLocaleString('en-US')} people, ordered to closed`, seconds, 's'),
    [`${key}.cpu`]: lower('  processor time, all but the two systems', cpuMs, 'ms cpu'),
    [`${key}.slapd`]: lower('  processor time of the directory', slapd * 1_000, 'ms cpu'),
    [`${key}.drift`]: lower('  a look for drift', drift.seconds, 's'),
    [`${key}.drift.cpu`]: lower('    processor time for each account', (drift.cpuMs * 1_000) / drift.objects, 'µs cpu'),
    [`${key}.drift.memory`]: lower('    what the importer needed more than ever before', drift.importerAfter - drift.importerBefore, 'MiB'),
  };
};

export const incrementalMode: Mode<IncrementalOptions, IncrementalMeasured> = {
  name: 'incremental',
  readOptions: readIncrementalOptions,
  run: runIncremental,
  figures: ({ small, large }) => ({
    ...of('small', small),
    ...of('large', large),
    'ratio.seconds': lower('Large to small, time', large.seconds / small.seconds, 'x', most),
    'ratio.cpu': lower('  processor time', large.cpuMs / small.cpuMs, 'x', most),
  }),
  describe: ({ rounds }, { changed }) => `Cycles of ${changed} changes in LDAP directories, the middle one of ${rounds}`,
  facts: ({ changed }, { small, large }) => ({
    changed,
    rounds: { small: small.rounds, large: large.rounds },
    drift: { small: small.drift, large: large.drift },
  }),
  size: ({ large }) => String(large),
};
