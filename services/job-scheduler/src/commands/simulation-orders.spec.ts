import { beforeEach, describe, expect, test } from '@jest/globals';
import type { StartSimulation } from '@provident/contracts';
import type { JobDefinition } from '@provident/domain';
import { job, objectMapping } from '@provident/domain/testing';
import type { ServicePorts } from '@provident/service-kit';

import type { Checked, JobFiles } from './job-files.js';
import { SimulationOrders } from './simulation-orders.js';

const by = { kind: 'user' as const, name: 'kim' };
const applied = { definition: job(), baseDir: '/jobs', revision: 3 };
const changed = job({ objects: [objectMapping({ actions: ['create'] })] });

let state: 'active' | 'removed';
let sent: StartSimulation[];
let importer: () => unknown;
beforeEach(() => {
  state = 'active';
  sent = [];
  importer = () => ({ response: { ok: true, message: 'has begun', issues: [], result: { simulationId: 'x' } } });
});

const known = () => ({ jobId: 'people-to-app', state, configured: applied });
const ports = {
  now: () => new Date('2026-11-22T06:50:12.000Z'),
  registry: {
    catchUp: async () => undefined,
    find: (jobId: string) => (jobId === 'people-to-app' ? known() : undefined),
    list: () => [known()],
  },
  connection: {
    request: async (subject: string, body: string) => {
      expect(subject).toBe('provident.command.start-simulation');
      sent.push((JSON.parse(body) as { data: StartSimulation }).data);
      const answer = importer();
      return { json: () => answer };
    },
  },
} as unknown as ServicePorts;

const issue = { path: ['source'], message: 'is missing' };
/** A definition that is a job is valid; anything else has an issue. */
const files = {
  check: async (input: unknown): Promise<Checked> => {
    const definition = (input as { job?: string }).job ? (input as JobDefinition) : null;
    const issues = definition ? [] : [issue];
    return { definition, issues, notes: ['the source was not asked'], systems: { source: 'a', target: 'b' }, asked: [] };
  },
} as unknown as JobFiles;

const simulate = (wish: { jobId?: string | null; file?: unknown; compare?: boolean }) =>
  new SimulationOrders(ports, files).simulate({
    jobId: wish.jobId === undefined ? 'people-to-app' : wish.jobId,
    draft: wish.file === undefined ? null : { definition: wish.file, baseDir: '/new' },
    compare: wish.compare ?? false,
    by,
  });

describe('an order to simulate', () => {
  test('goes to an importer with the rules that apply', async () => {
    expect(await simulate({})).toMatchObject({ ok: true, result: { simulationId: 'x', notes: [] } });
    expect(sent).toMatchObject([
      {
        opened: { jobId: 'people-to-app', rules: 'current', comparing: false, revision: 3, by, openedAt: '2026-11-22T06:50:12.000Z' },
        rules: { definition: { job: 'people-to-app' }, baseDir: '/jobs' },
        current: null,
      },
    ]);
    expect(sent[0]!.opened.simulationId).toMatch(/^20261122t065012-[0-9a-f]{8}$/);
  });

  test('goes with the rules of a file instead, and what could not be found out is said', async () => {
    expect(await simulate({ file: changed })).toMatchObject({ ok: true, result: { notes: ['the source was not asked'] } });
    expect(sent).toMatchObject([{ opened: { rules: 'file' }, rules: { definition: changed, baseDir: '/new' }, current: null }]);
  });

  test('to compare takes both rules, with paths that start where those of the job do', async () => {
    await simulate({ file: changed, compare: true });
    expect(sent).toMatchObject([
      {
        opened: { comparing: true },
        rules: { definition: changed, baseDir: '/jobs' },
        current: { definition: applied.definition, baseDir: '/jobs' },
      },
    ]);
  });

  test('of a file alone needs no job, and knows the job where there is one', async () => {
    await simulate({ jobId: null, file: job({ job: 'never-applied' }) });
    await simulate({ jobId: null, file: changed });
    expect(sent.map(({ opened: { jobId, revision, rules } }) => [jobId, revision, rules])).toEqual([
      ['never-applied', null, 'file'],
      ['people-to-app', 3, 'file'],
    ]);
  });

  test.each<[string, Parameters<typeof simulate>[0], string]>([
    ['of an unknown job', { jobId: 'other' }, 'there is no job "other"; known are: people-to-app'],
    ['of an unknown job under a file', { jobId: 'other', file: job({ job: 'other' }) }, 'there is no job "other"'],
    ['of nothing', { jobId: null }, 'name a job, or give a job file'],
    ['under the file of another job', { file: job({ job: 'other' }) }, 'the file is about job "other", not "people-to-app"'],
    ['to compare with nothing', { compare: true }, 'give a job file to compare'],
    ['to compare what was never applied', { jobId: null, file: job({ job: 'new' }), compare: true }, 'there is no job "new"'],
    [
      'to compare over other people',
      { file: job({ source: { connector: 'csv', config: { path: 'others.csv' } } }), compare: true },
      'the file names another source than the job',
    ],
    [
      'to compare over other accounts',
      { file: job({ objects: [objectMapping({ target: 'Guest' })] }), compare: true },
      'the file names another target than the job',
    ],
  ])('%s is refused in words', async (_, wish, message) => {
    expect(await simulate(wish)).toMatchObject({ ok: false, message: expect.stringContaining(message) });
    expect(sent).toEqual([]);
  });

  test('with a file that is not valid is refused with its issues', async () => {
    expect(await simulate({ file: { nonsense: true } })).toMatchObject({
      ok: false,
      issues: [issue],
      message: expect.stringContaining('1 problem'),
    });
  });

  test('of a job that was removed is refused', async () => {
    state = 'removed';
    expect((await simulate({})).ok).toBe(false);
  });

  test('that no importer takes is refused, and one that is refused stays so', async () => {
    importer = () => {
      throw new Error('503');
    };
    expect(await simulate({})).toMatchObject({ ok: false, message: 'no importer took the simulation: 503; is one running?' });
    importer = () => ({ response: { ok: false, message: '2 simulations are under way already', issues: [], result: {} } });
    expect(await simulate({})).toMatchObject({ ok: false, message: '2 simulations are under way already' });
  });
});
