import { expect, test } from '@jest/globals';

import { cycleView, jobStatusView, logEntry, logStep } from '../testing/views.js';
import { renderDetails } from './details.js';
import { renderEvent } from './event.js';
import { renderJobs } from './jobs.js';
import { renderLog } from './log.js';
import { renderStatus } from './status.js';
import { renderTable } from './table.js';

const options = { now: Date.parse('2026-11-22T04:22:17.000Z'), timeZone: 'UTC' };
const paint = (_: unknown, text: string): string => text;

test('a table stands in columns, whatever the width of its characters', () => {
  const columns = [{ title: 'NAME' }, { title: 'COUNT', align: 'right' }] as const;
  const rows = [
    ['山田', '7'],
    ["O'Neil", '1,200'],
  ];
  expect(renderTable(columns, rows, 80)).toBe(['NAME    COUNT', '山田        7', "O'Neil  1,200"].join('\n'));
});

test('in a narrow terminal each row becomes a block', () => {
  const text = renderJobs([jobStatusView()], 60, 'UTC');
  expect(text.split('\n')[0]).toBe('JOB              sample');
  expect(text).toContain('LAST CYCLE       2026-11-22 03:54:17');
  expect(renderJobs([jobStatusView()], 200, 'UTC').split('\n')).toHaveLength(2);
});

test('the summary report of a healthy job', () => {
  expect(renderStatus(jobStatusView(), options)).toBe(
    [
      'People to the sample app (sample), revision 1: active',
      'people.csv → Sample app',
      '',
      'initial cycle  complete',
      'in scope       45 users',
      'with account   43 users',
      'last cycle     initial, succeeded, 2026-11-22 03:54:17, took 2 s',
      '               50 read, 50 imported: 43 created, 0 updated, 0 disabled, 0 deleted, 5 skipped, 0 unchanged, 2 failed, 0 held',
      'last clean     2026-11-22 03:54:19',
      'next cycle     2026-11-22 04:34:17 (in 12 min)',
      'escrows        none',
    ].join('\n'),
  );
});

test('of an attempt that was made already nothing is said: the next cycle stands below', () => {
  const quarantine = {
    reason: 'too-many-removals' as const,
    message: '7 removals are held',
    beganAt: '2026-11-22T01:00:00.000Z',
    count: 1,
  };
  const at = (nextAttemptAt: string) =>
    renderStatus(jobStatusView({ state: 'quarantine', quarantine: { ...quarantine, nextAttemptAt } }), options);
  expect(at('2026-11-22T05:22:17.000Z')).toContain('next attempt');
  expect(at('2026-11-22T01:40:00.000Z')).toMatch(/found unhealthy 1 time\n/);
});

test('the summary report says first that nothing goes on because the log is another one, and that it may lose events', () => {
  const text = renderStatus(jobStatusView({ wrongLog: 'it went back. Stop Provident.', isLogVolatile: true }), options);
  expect(text).toMatch(/\n\nstands still +it went back\. Stop Provident\.\n/);
  expect(text).toMatch(/\nthe log +may lose acknowledged events in a power cut \(NATS_SYNC=waived\)$/);
});

test('the summary report of a job in trouble says what is wrong and what to type', () => {
  const text = renderStatus(
    jobStatusView({
      state: 'quarantine',
      initialCycleCompleted: false,
      escrows: 2,
      heldRemovals: { cycleId: 'c9', proposed: 12, linked: 40, threshold: '20 %, at least 5', guards: [] },
      quarantine: {
        reason: 'connection',
        message: 'HTTP 401',
        beganAt: '2026-11-22T01:00:00.000Z',
        count: 3,
        nextAttemptAt: '2026-11-22T05:22:17.000Z',
      },
      lastCycle: cycleView({ state: 'failed', failure: { kind: 'unauthorized', code: 'http-401', message: 'the token was refused' } }),
      freshness: { position: 290, head: 300, at: '2026-11-22T03:54:20.000Z' },
    }),
    options,
  );
  for (const part of [
    'in quarantine',
    'connection: HTTP 401',
    'found unhealthy 3 times, next attempt 2026-11-22 05:22:17 (in 1 h)',
    'npm run provident -- start sample',
    'not complete yet',
    'the token was refused (http-401)',
    '2 objects failed and will be tried again: npm run provident -- causes sample',
    '12 of 40 accounts (threshold 20 %, at least 5)',
    'npm run provident -- release sample c9',
    '10 events',
  ])
    expect(text).toContain(part);
});

const story = logEntry({
  steps: [
    logStep({ details: { attributes: { mail: 'zoe.muller@example.com', office: 'Oudegracht 12\nUtrecht' } } }),
    logStep({
      system: 'target',
      text: 'not found',
      details: { tried: [{ attribute: 'userName', value: 'zoe.muller@example.com', found: 0 }], matches: [] },
    }),
    logStep({
      activity: 'synchronization-rule',
      system: 'provident',
      text: 'create',
      details: {
        reason: { code: 'not-in-target', text: 'no account has it' },
        scope: {
          inScope: true,
          clauses: [{ filter: 'Employees', clause: 'employment EQUALS "employee"', actual: 'employee', holds: true }],
        },
        changes: [{ attribute: 'title', old: null, new: 'Engineer' }],
      },
    }),
    logStep({
      activity: 'export',
      system: 'target',
      text: 'created',
      details: { changes: [{ attribute: 'title', old: null, new: 'Engineer' }], durationMs: 12 },
    }),
  ],
});

test('an entry of the log tells the four steps with the values read, looked for, computed and written', () => {
  expect(renderLog({ entries: [story], next: null }, { timeZone: 'UTC', paint })).toBe(
    [
      '2026-11-22 03:54:18  sample  create  success',
      '  user Zoë Müller, zoe.muller@example.com  1002 → t-77  [ch1]',
      '  created (not-in-target)',
      '    03:54:18  import (source)  success  read from people.csv',
      '        mail    zoe.muller@example.com',
      '        office  Oudegracht 12↵Utrecht',
      '    03:54:18  import (target)  success  not found',
      '        looked for  userName zoe.muller@example.com: 0 found',
      '    03:54:18  synchronization rule  success  create',
      '        reason    no account has it (not-in-target)',
      '        in scope  yes',
      '                  Employees: employment EQUALS "employee" holds, the value is employee',
      '        title     – → Engineer',
      '    03:54:18  export  success  created',
      '        title        – → Engineer',
      '        duration ms  12',
    ].join('\n'),
  );
});

test('where the steps do not tell what changed, the entry does; and a page says that there is more', () => {
  const entry = logEntry({ attempts: 3, modified: [{ attribute: 'title', old: 'Engineer', new: 'Lead' }] });
  const text = renderLog({ entries: [entry], next: 'x' }, { timeZone: 'UTC', paint });
  expect(text).toContain('title  Engineer → Lead');
  expect(text).toContain('3 attempts');
  expect(text).toContain('There is more');
});

test('a failed step shows the words of the target', () => {
  const failed = logStep({
    activity: 'export',
    status: 'failure',
    text: 'refused',
    details: { failure: { kind: 'rejected', code: 'invalid-value', message: 'blocked', status: 400 } },
  });
  const text = renderLog({ entries: [logEntry({ status: 'failure', steps: [failed] })], next: null }, { timeZone: 'UTC', paint });
  expect(text).toContain('failure  HTTP 400: blocked (invalid-value)');
});

test('a very long name does not push the other values aside, and instants are local', () => {
  const details = {
    changes: [
      { attribute: 'title', old: null, new: 'a' },
      { attribute: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:x', old: null, new: 'b' },
    ],
    nextAttemptAt: '2026-11-22T10:44:09.103Z',
  };
  expect(renderDetails(details, '', 'UTC').split('\n')).toEqual([
    'title            – → a',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:x  – → b',
    'next attempt at  2026-11-22 10:44:09',
  ]);
});

test('an event takes one line', () => {
  const event = {
    sequence: 12,
    id: 'e',
    type: 'cycle-opened',
    at: '2026-11-22T03:54:17.000Z',
    jobId: 'sample',
    lane: 'j',
    stage: 'job-scheduler',
    subject: null,
    data: {},
  };
  expect(renderEvent(event, 'UTC')).toBe('     12  2026-11-22 03:54:17  sample            cycle-opened');
});
