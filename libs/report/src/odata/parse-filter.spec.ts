import { expect, test } from '@jest/globals';

import { BadQuery } from './bad-query.js';
import { compileFilter, jobConditions } from './compile-filter.js';
import { parseFilter } from './parse-filter.js';
import { readQuery } from './query-options.js';
import type { Resource } from './resource.js';

const resource: Resource = {
  job: 'row.job_id',
  members: ['id', 'name', 'activityDateTime'],
  properties: [
    { path: 'id', type: 'text', sql: 'row.id' },
    { path: 'identity/displayName', type: 'text', sql: 'row.name' },
    { path: 'status', type: 'text', values: ['success', 'failure'], sql: 'row.status' },
    { path: 'duration', type: 'number', sql: 'row.duration' },
    { path: 'activityDateTime', type: 'instant', sql: 'row.at' },
    { path: 'app/id', type: 'text', sql: 'job.app', isOfJob: true },
  ],
  collections: [
    {
      path: 'targets',
      parts: [
        { isOfJob: true, exists: 'true', properties: [{ path: 'id', type: 'text', sql: 'job.app' }] },
        { exists: 'row.target is not null', properties: [{ path: 'id', type: 'text', sql: 'row.target' }] },
      ],
    },
  ],
};

function sqlOf(filter: string): [sql: string, ...values: unknown[]] {
  const values: unknown[] = [];
  return [
    compileFilter(
      parseFilter(filter),
      resource,
      (value) => `$${values.push(value)}`,
      () => undefined,
    ),
    ...values,
  ];
}

test.each<[string, string, ...unknown[]]>([
  [`id eq 'o''neil'`, 'row.id = $1::text', "o'neil"],
  [`ID EQ 'a' And not(identity/DISPLAYNAME ne 'b')`, '(row.id = $1::text and ((row.name = $2::text) is not true) is not true)', 'a', 'b'],
  [
    `id eq 'a' or id eq 'b' and duration lt 5`,
    '(row.id = $1::text or (row.id = $2::text and row.duration < $3::double precision))',
    'a',
    'b',
    5,
  ],
  [
    `(id eq 'a' or id eq 'b') and duration ge -1.5e3`,
    '((row.id = $1::text or row.id = $2::text) and row.duration >= $3::double precision)',
    'a',
    'b',
    -1500,
  ],
  [`status eq 'FAILURE'`, `row.status = 'failure'`],
  [`status in ('success', microsoft.graph.provisioningResult'failure')`, `(row.status = 'success' or row.status = 'failure')`],
  ['activityDateTime gt 2026-03-02', 'row.at > $1::timestamptz', '2026-03-02T00:00:00Z'],
  ['2026-03-02t09:00:00.1234567+01:00 le activityDateTime', '$1::timestamptz <= row.at', '2026-03-02T09:00:00.1234567+01:00'],
  [
    `contains(tolower(identity/displayName), toupper('x'))`,
    'strpos(lower(row.name collate "und-x-icu"), upper($1::text collate "und-x-icu")) > 0',
    'x',
  ],
  [`startswith(id,'a') eq false`, '(starts_with(row.id, $1::text)) is not true', 'a'],
  [`endswith(id, 'a')`, 'right(row.id, length($1::text)) = $1::text', 'a'],
  ['id eq null', 'row.id is null'],
  ['id ne identity/displayName', '(row.id is not distinct from row.name) is not true'],
  [`targets/any(t: t/id eq 'x')`, '(false or (row.target is not null and row.target = $1::text))', 'x'],
])('%s', (filter, ...expected) => expect(sqlOf(filter)).toEqual(expected));

test('what looks at the job alone is found out for the jobs first', () => {
  const filter = parseFilter(`not (app/id eq 'a') and targets/any(t: t/id eq 'b') or contains(tolower(app/id), 'c') and id eq 'd'`);
  const values: unknown[] = [];
  const parts = jobConditions(filter, resource, (value) => `$${values.push(value)}`);
  expect([...parts.values()]).toEqual([
    'job.app = $1::text',
    '(true and job.app = $2::text)',
    'strpos(lower(job.app collate "und-x-icu"), $3::text) > 0',
  ]);
  const jobs = new Map([...parts.keys()].map((part, index) => [part, [['j1'], [], ['j1', 'j2']][index]!]));
  const given: unknown[] = [];
  const sql = compileFilter(
    filter,
    resource,
    (value) => `$${given.push(value)}`,
    (part) => jobs.get(part),
  );
  expect([sql, given]).toEqual([
    '(((row.job_id = $1) is not true and (false or (row.target is not null and row.target = $2::text))) or (row.job_id = any ($3::text[]) and row.id = $4::text))',
    ['j1', 'b', ['j1', 'j2'], 'd'],
  ]);
});

test.each([
  ['', 'character 1: a property or a value was expected, found the end'],
  [`nme eq 'x'`, 'character 1: unknown property nme; supported: id, identity/displayName, status'],
  [`id like 'x'`, 'character 4: a comparison was expected, found "like"; supported: eq, ne, gt, ge, lt, le, in'],
  [`id eq 'x' xor id eq 'y'`, 'character 11: "xor" is not understood between two conditions; supported: operators and, or, not'],
  [
    `substringof('x', id)`,
    'character 1: the function substringof is not supported; supported: contains, startswith, endswith, tolower, toupper, any',
  ],
  [`length(id) gt 3`, 'character 1: the function length is not supported'],
  [`id eq 'x`, 'character 7: this text has no closing quote'],
  [`id eq x`, 'character 7: unknown property x'],
  [`id eq 6f1c1f2e-0000-4000-8000-000000000001`, 'character 7: this is no value; texts and ids stand in single quotes'],
  [`status eq 'failed'`, 'character 11: status is never "failed"; it is one of success, failure'],
  [`duration eq '5'`, 'character 13: duration is compared with a number'],
  [`activityDateTime gt '2026-03-02'`, 'character 21: activityDateTime is compared with an instant without quotes'],
  ['activityDateTime gt 2026-02-30', 'character 21: 2026-02-30 is no instant'],
  ['activityDateTime gt 0000-01-01', 'character 21: 0000-01-01 is no instant'],
  [`id gt 'x'`, 'character 1: gt compares numbers and instants'],
  ['duration gt null', 'character 1: null can only be compared by eq and ne'],
  ['duration gt 1e999', 'character 13: 1e999 is too large'],
  ['contains(duration, 5)', 'character 10: a text was expected here'],
  ['id eq true', 'character 7: no property here is true or false'],
  [`contains(id, 'x') eq 1`, 'a condition can only be compared with true or false'],
  [`(id eq 'x'`, 'character 11: ")" was expected, found the end'],
  [`id in ('x' 'y')`, 'character 12: ")" was expected, found "\'y\'"'],
  [`id eq 'x' ; drop table job`, 'character 11: ";" is not understood here'],
  [`id eq '\0'`, 'must not hold the character NUL'],
  [`names/any(n: n eq 'x')`, 'character 1: names is no collection that any looks into; supported: targets'],
  [`targets/any(t: id eq 'x')`, 'character 16: unknown property id; supported: t/id'],
  [`targets/all(t: t/id eq 'x')`, 'the function targets/all is not supported'],
  [`${'('.repeat(40)}id eq 'x'${')'.repeat(40)}`, 'is nested more than 30 deep'],
  [`${'not '.repeat(40)}id eq 'x'`, 'is nested more than 30 deep'],
  [`${'tolower('.repeat(40)}id`, 'is nested more than 30 deep'],
  [`id in (${Array.from({ length: 300 }, () => `'x'`).join(',')})`, '"in" takes at most 200 values'],
  [`id eq '${'x'.repeat(5_000)}'`, 'has 5008 characters; at most 4000 are taken'],
])('%s is refused with its place', (filter, message) => {
  expect(() => sqlOf(filter)).toThrow(BadQuery);
  expect(() => sqlOf(filter)).toThrow(message);
});

test('options are read in any case of letters, with or without $', () => {
  expect(readQuery({ $TOP: '5000', orderby: 'activitydatetime ASC', $Select: 'NAME, id', $count: 'TRUE' }, resource)).toMatchObject({
    filter: null,
    top: 1_000,
    descending: false,
    select: ['name', 'id'],
    count: true,
    after: null,
  });
  expect(readQuery({}, resource)).toMatchObject({ top: 100, descending: true, select: null, count: false });
});

test.each<[Record<string, unknown>, string]>([
  [{ $skip: '5' }, '$skip: this option is not supported; supported: $filter, $orderby, $top, $skiptoken, $count, $select'],
  [{ $top: '-1' }, '$top: must be a whole number from 0'],
  [{ $top: ['1', '2'] }, '$top: may be given once'],
  [{ $top: '1', top: '2' }, '$top: may be given once'],
  [{ $orderby: 'id' }, '$orderby: "id" is not supported; supported: activityDateTime asc, activityDateTime desc'],
  [{ $select: 'id,nme' }, '$select: unknown member "nme"; supported: id, name, activityDateTime'],
  [{ $count: 'yes' }, '$count: must be true or false'],
])('%j is refused', (options, message) => expect(() => readQuery(options, resource)).toThrow(message));
