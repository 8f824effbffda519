import { expect, test } from '@jest/globals';

import { contextOf } from './graph-context.js';
import { readSmallQuery, smallAnswer } from './small-answer.js';

test.each([
  ['auditLogs/provisioning/e-1', false, 'auditLogs/provisioning/$entity'],
  ['auditlogs/DirectoryAudits/e-1', false, 'auditlogs/directoryAudits/$entity'],
  ['servicePrincipals/p', false, 'servicePrincipals/$entity'],
  ['servicePrincipals/p/synchronization', false, "servicePrincipals('p')/synchronization/$entity"],
  ['servicePrincipals/p/synchronization/jobs', true, "servicePrincipals('p')/synchronization/jobs"],
  ['applications/a/synchronization/jobs', false, "applications('a')/synchronization/jobs/$entity"],
  ['servicePrincipals/p/synchronization/jobs/hr', false, "servicePrincipals('p')/synchronization/jobs/$entity"],
  ['servicePrincipals/p/synchronization/jobs/hr/schema/', false, "servicePrincipals('p')/synchronization/jobs('hr')/schema/$entity"],
  [
    "servicePrincipals/p/synchronization/jobs/hr/objectConnections('1')",
    false,
    "servicePrincipals('p')/synchronization/jobs('hr')/objectConnections/$entity",
  ],
  ['servicePrincipals/p/synchronization/jobs/hr/schema/functions()', true, 'Collection(microsoft.graph.attributeMappingFunctionSchema)'],
])('%s: is described at %s', (path, isCollection, context) => {
  expect(contextOf(path, isCollection)).toBe(context);
});

const items = ['a', 'b', 'c'].map((id) => ({ id, name: `the ${id}`, more: null }));
const asked = (options: Record<string, unknown>, body: object = { value: items }) =>
  smallAnswer(body, readSmallQuery(options, 'value' in body), { context: 'm#jobs', link: 'https://x/jobs' });

test('a small collection is paged, counted and shown in part, too', () => {
  expect(asked({})).toEqual({ '@odata.context': 'm#jobs', value: items });
  expect(asked({ TOP: '2', $select: 'ID, more', $count: 'true' })).toEqual({
    '@odata.context': 'm#jobs(ID,more)',
    '@odata.count': 3,
    '@odata.nextLink': 'https://x/jobs?$top=2&$select=ID%2C%20more&$count=true&$skip=2',
    value: [
      { id: 'a', more: null },
      { id: 'b', more: null },
    ],
  });
  expect(asked({ $top: '2', $skip: '2' })).toEqual({ '@odata.context': 'm#jobs', value: [items[2]] });
  expect(asked({ $top: '0' })).toEqual({ '@odata.context': 'm#jobs', value: [] });
  expect(smallAnswer(items[0]!, readSmallQuery({ $select: 'name' }, false), { context: 'm#jobs/$entity', link: '' })).toEqual({
    '@odata.context': 'm#jobs(name)/$entity',
    name: 'the a',
  });
});

test.each([
  [{ $filter: "id eq 'a'" }, '$filter: this option is not supported here; supported: $select, $top, $skip, $count'],
  [{ foo: '1' }, 'foo: this option is not supported here'],
  [{ $select: 'id', select: 'id' }, '$select: may be given once'],
  [{ $select: 'id,no' }, '$select: unknown member "no"; supported: id, name, more'],
  [{ $top: '-1' }, '$top: must be a whole number'],
  [{ $count: 'yes' }, '$count: must be true or false'],
])('%j is refused, and never ignored', (options, why) => {
  expect(() => asked(options)).toThrow(why);
});
