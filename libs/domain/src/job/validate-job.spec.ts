import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { checkAttributes } from './check-attributes.js';
import { JobDefinition } from './job-definition.js';
import { SecretRef } from './secret-ref.js';
import { validateJob } from './validate-job.js';

const connectors = {
  sourceConnectors: {
    csv: z.strictObject({ path: z.string().min(1), delimiter: z.string().length(1).default(',') }),
    ldap: z.strictObject({}),
  },
  targetConnectors: {
    scim: z.strictObject({
      url: z.url(),
      token: SecretRef.optional(),
      headers: z.record(z.string(), z.string()).optional(),
      concurrency: z.int().min(1).default(4),
    }),
  },
};

// oxlint-disable-next-line typescript/no-explicit-any -- broken on purpose
type Draft = any;

/** A job file as the parser yields it; `edit` breaks it. */
function file(edit: (draft: Draft) => void = () => {}): unknown {
  const draft = {
    job: 'people-to-app',
    source: { connector: 'csv', config: { path: 'people.csv' } },
    target: { connector: 'scim', config: { url: 'https://app.example.com/scim/v2', token: { env: 'TOKEN' } } },
    objects: [
      {
        type: 'user',
        scope: [{ name: 'Staff', all: [{ attribute: 'department', operator: 'EQUALS', value: 'Finance' }] }],
        active: { attribute: 'status', operator: 'EQUALS', value: 'active' },
        displayName: 'fullName',
        attributes: [
          { target: 'userName', source: 'email', matching: 1, required: true },
          { target: 'name.givenName', source: 'firstName' },
        ],
      },
    ],
  };
  edit(draft);
  return draft;
}

const issuesOf = (edit: Parameters<typeof file>[0]) => validateJob(file(edit), connectors).issues;

test('a sound file becomes a definition with every default, and settings as written', () => {
  const { definition, issues } = validateJob(file(), connectors);
  expect(issues).toEqual([]);
  expect(definition).toEqual(JobDefinition.parse(file()));
  expect(definition?.source.config).toEqual({ path: 'people.csv' });
  expect(definition?.thresholds.removals).toEqual({ count: 500, percent: 20, atLeast: 5 });
});

test('a key $schema at the root is for editors', () => expect(issuesOf((draft) => (draft.$schema = './job.schema.json'))).toEqual([]));

const attribute = (index: number, key: string) => ['objects', 0, 'attributes', index, key];
const config = (side: string, ...path: string[]) => [side, 'config', ...path];

describe('what is wrong is said at its place, once, in a sentence', () => {
  // biome-ignore format: one row, one mistake
  test.each<[string, (draft: Draft) => void, (string | number)[], string]>([
    ['mistyped key', (d) => { d.shedule = { every: '1h' }; }, ['shedule'], 'unknown key "shedule"; did you mean "schedule"?'],
    ['mistyped required key', (d) => { d.sorce = d.source; delete d.source; }, ['sorce'], 'unknown key "sorce"; did you mean "source"?'],
    ['mistyped key in a list', (d) => { d.objects[0].attributes[0].requird = true; }, attribute(0, 'requird'), 'unknown key "requird"; did you mean "required"?'],
    ['foreign key', (d) => { d.schedule = { jitter: '* * * * *' }; }, ['schedule', 'jitter'], 'unknown key "jitter"; known: cron, drift, every, paused, windows, zone'],
    ['missing key', (d) => { delete d.job; }, ['job'], '"job" is missing: expected text'],
    ['missing object', (d) => { delete d.target; }, ['target'], '"target" is missing: expected an object'],
    ['wrong type', (d) => { d.thresholds = { removals: { count: 'ten' } }; }, ['thresholds', 'removals', 'count'], 'expected a number, found text "ten"'],
    ['number as text', (d) => { d.lanes = '4'; }, ['lanes'], 'expected a number, found text "4"'],
    ['fraction', (d) => { d.lanes = 1.5; }, ['lanes'], 'expected a whole number, found 1.5'],
    ['empty entry', (d) => { d.schedule = { every: null }; }, ['schedule', 'every'], 'expected text, found nothing'],
    ['list for an object', (d) => { d.objects[0].removals = []; }, ['objects', 0, 'removals'], 'expected an object, found a list'],
    ['object for a list', (d) => { d.objects[0].scope = { name: 'x' }; }, ['objects', 0, 'scope'], 'expected a list, found an object'],
    ['text for a switch', (d) => { d.objects[0].attributes[0].required = 'yes'; }, attribute(0, 'required'), 'expected true or false, found text "yes"'],
    ['too small', (d) => { d.lanes = 0; }, ['lanes'], 'must be at least 1, found 0'],
    ['too large', (d) => { d.lanes = 65; }, ['lanes'], 'must be at most 64, found 65'],
    ['empty text', (d) => { d.objects[0].scope[0].name = ''; }, ['objects', 0, 'scope', 0, 'name'], 'must not be empty, found text ""'],
    ['empty list', (d) => { d.objects[0].attributes = []; }, ['objects', 0, 'attributes'], 'must have at least 1 entry, found a list'],
    ['duration', (d) => { d.schedule = { every: '40 minutes' }; }, ['schedule', 'every'], 'expected a whole number followed by s, m, h or d, such as 40m, found text "40 minutes"'],
    ['mistyped choice', (d) => { d.objects[0].type = 'usr'; }, ['objects', 0, 'type'], 'expected one of "user", "group", found text "usr"; did you mean "user"?'],
    ['choice in the wrong case', (d) => { d.objects[0].active.operator = 'Equals'; }, ['objects', 0, 'active', 'operator'], 'expected one of "EQUALS", "NOT EQUALS", "IS TRUE", "IS FALSE", "IS NULL", "IS NOT NULL", "GREATER_THAN", "GREATER_THAN_OR_EQUALS", "INCLUDES", "ENDS_WITH", "REGEX MATCH", "NOT REGEX MATCH", "&", "!&", found text "Equals"; did you mean "EQUALS"?'],
    ['list for a value', (d) => { d.objects[0].active.value = ['a']; }, ['objects', 0, 'active', 'value'], 'expected text or a number or true or false, found a list'],
    ['two sources of a value', (d) => { d.objects[0].attributes[1].constant = 'x'; }, attribute(1, 'constant'), 'give either "source" or "constant", not both'],
    ['unknown connector', (d) => { d.source.connector = 'cvs'; }, ['source', 'connector'], 'there is no source connector "cvs"; did you mean "csv"?'],
    ['foreign connector', (d) => { d.target.connector = 'mainframe'; }, ['target', 'connector'], 'there is no target connector "mainframe"; known: scim'],
    ['connector of the prototype', (d) => { d.source.connector = 'constructor'; }, ['source', 'connector'], 'there is no source connector "constructor"; known: csv, ldap'],
    ['missing setting', (d) => { delete d.source.config; }, config('source', 'path'), '"path" is missing: expected text'],
    ['mistyped setting', (d) => { d.source.config.delimeter = ';'; }, config('source', 'delimeter'), 'unknown key "delimeter"; did you mean "delimiter"?'],
    ['wrong setting', (d) => { d.target.config.url = 'app'; }, config('target', 'url'), 'expected a URL, found text'],
    ['secret in the file', (d) => { d.target.config.token = 's3cret'; }, config('target', 'token'), 'expected { env: … } or { file: … } or { secret: … }, found text'],
    ['mistyped secret reference', (d) => { d.target.config.token = { fille: '/run/token' }; }, config('target', 'token', 'fille'), 'unknown key "fille"; did you mean "file"?'],
    ['two secret references', (d) => { d.target.config.token.file = '/run/token'; }, config('target', 'token', 'file'), '"file" does not go together with the other keys here'],
    ['empty secret reference', (d) => { d.target.config.token = {}; }, config('target', 'token'), 'give one of "env", "file", "secret"'],
    ['wrong kind of secret reference', (d) => { d.target.config.token.env = 7; }, config('target', 'token', 'env'), 'expected text, found a number'],
    ['setting in a map', (d) => { d.target.config.headers = { accept: true }; }, config('target', 'headers', 'accept'), 'expected text, found true'],
    ['target mapped twice', (d) => { d.objects[0].attributes[1].target = 'userName'; }, attribute(1, 'target'), '"userName" is mapped twice: a target attribute takes one mapping'],
    ['no matching attribute', (d) => { delete d.objects[0].attributes[0].matching; }, ['objects', 0, 'attributes'], 'no mapping has "matching": without a matching attribute no account can be found'],
    ['precedence given twice', (d) => { d.objects[0].attributes[1].matching = 1; }, attribute(1, 'matching'), 'precedence 1 is given twice: the order would be left to chance'],
    ['matching by a constant', (d) => { d.objects[0].attributes[1] = { target: 'x', constant: 'y', matching: 2 }; }, attribute(1, 'matching'), 'only a mapping with "source" or "expression" can find an account: a fixed value would find the same one for everybody'],
    ['empty constant', (d) => { d.objects[0].attributes[1] = { target: 'x', constant: '' }; }, attribute(1, 'constant'), 'an empty constant writes nothing'],
    ['operator without its value', (d) => { delete d.objects[0].scope[0].all[0].value; }, ['objects', 0, 'scope', 0, 'all', 0], 'EQUALS needs a "value" to compare with'],
    ['operator with a value too many', (d) => { d.objects[0].active.operator = 'IS TRUE'; }, ['objects', 0, 'active', 'value'], 'IS TRUE takes no value'],
    ['comparison with nothing', (d) => { d.objects[0].active.value = ''; }, ['objects', 0, 'active', 'value'], 'EQUALS with an empty value never holds; use IS NULL or IS NOT NULL'],
    ['order of text', (d) => { d.objects[0].active.operator = 'GREATER_THAN'; }, ['objects', 0, 'active', 'value'], 'GREATER_THAN compares whole numbers, found "active"'],
    ['pattern that is none', (d) => { d.objects[0].scope[0].all[0] = { attribute: 'x', operator: 'REGEX MATCH', value: 'a(?=b)' }; }, ['objects', 0, 'scope', 0, 'all', 0, 'value'], 'character 2 of the pattern: look-around is not supported: say in the pattern itself what stands around the match'],
    ['test of no bit', (d) => { d.objects[0].active = { attribute: 'x', operator: '!&', value: 0 }; }, ['objects', 0, 'active', 'value'], '!& looks for the bits of a whole number from 1, found 0'],
    ['source and expression', (d) => { d.objects[0].attributes[1].expression = 'Trim([x])'; }, attribute(1, 'expression'), 'give either "source" or "expression", not both'],
    ['no source of a value', (d) => { d.objects[0].attributes[1] = { target: 'x' }; }, attribute(1, 'source'), 'give one of "source", "constant", "expression", "reference" or "default"'],
    ['unreadable expression', (d) => { d.objects[0].attributes[1] = { target: 'x', expression: 'Trim([x]' }; }, attribute(1, 'expression'), 'column 9: expected a closing parenthesis of Trim'],
    ['unknown function', (d) => { d.objects[0].attributes[1] = { target: 'x', expression: 'Trum([x])' }; }, attribute(1, 'expression'), 'column 1: there is no function "Trum"; did you mean "Trim"?'],
    ['a new id in every cycle', (d) => { d.objects[0].attributes[1] = { target: 'x', expression: 'Append("x", Guid())' }; }, attribute(1, 'expression'), 'column 13: Guid needs new ids, which would change the account in every cycle: use it with "apply: on-create"'],
    ['a new id to match by', (d) => { d.objects[0].attributes[1] = { target: 'x', expression: 'Append([x], Guid())', matching: 2, apply: 'on-create' }; }, attribute(1, 'expression'), 'column 13: Guid needs new ids, which differs each time: no account could be found by it'],
    ['a fixed expression to match by', (d) => { d.objects[0].attributes[1] = { target: 'x', expression: 'Trim("x")', matching: 2 }; }, attribute(1, 'expression'), 'column 1: a matching expression must use an attribute: it would find the same account for everybody'],
    ['a question to the target', (d) => { d.objects[0].attributes[1] = { target: 'x', expression: 'SelectUniqueValue([a], [b])', apply: 'on-create' }; }, attribute(1, 'expression'), 'column 1: SelectUniqueValue needs to ask the target whether a value is taken, which jobs do not have'],
    ['a reference that is required', (d) => { d.objects[0].attributes[1] = { target: 'x', reference: 'boss', required: true }; }, attribute(1, 'required'), 'a reference cannot be required: accounts that refer to each other would never be created'],
    ['a reference with a default', (d) => { d.objects[0].attributes[1] = { target: 'x', reference: 'boss', default: 'a' }; }, attribute(1, 'default'), 'a reference takes no default: it names an account, or nothing'],
    ['a reference on creation only', (d) => { d.objects[0].attributes[1] = { target: 'x', reference: 'boss', apply: 'on-create' }; }, attribute(1, 'apply'), 'a reference is written once both accounts exist: "on-create" would never write it'],
    ['a kind without a reference', (d) => { d.objects[0].attributes[1] = { target: 'x', source: 'y', referenceType: 'group' }; }, attribute(1, 'referenceType'), 'only a mapping with "reference" refers to an object'],
    ['a reference to match by', (d) => { d.objects[0].attributes[1] = { target: 'x', reference: 'boss', matching: 2 }; }, attribute(1, 'matching'), 'only a mapping with "source" or "expression" can find an account: a fixed value would find the same one for everybody'],
    ['nested people', (d) => { d.objects[0].nested = 'keep'; }, ['objects', 0, 'nested'], 'only groups have members'],
    ['one kind twice', (d) => { d.objects[1] = { type: 'user', attributes: [{ target: 'a', source: 'b', matching: 1 }] }; }, ['objects', 1, 'type'], '"user" has rules already: each kind of object once'],
    ['a group to disable', (d) => { d.objects[1] = { type: 'group', attributes: [{ target: 'a', source: 'b', matching: 1 }], removals: { deleted: 'disable' } }; }, ['objects', 1, 'removals', 'deleted'], 'a group cannot be disabled: choose "delete" or "ignore"'],
    ['a mapping onto members', (d) => { d.objects[1] = { type: 'group', attributes: [{ target: 'a', source: 'b', matching: 1 }, { target: 'members.value', source: 'c' }] }; }, ['objects', 1, 'attributes', 1, 'target'], 'members of groups are written by themselves: no mapping writes them'],
    ['a promise to redact', (d) => { d.objects[0].attributes[1] = { target: 'x', expression: 'Redact([x])' }; }, attribute(1, 'expression'), 'column 1: Redact is not available in jobs yet: the provisioning log would show the value'],
    ['too short a retention', (d) => { d.retention = { log: '2h' }; }, ['retention', 'log'], 'must be at least 1d, found 2h'],
    ['hasty schedule', (d) => { d.schedule = { every: '9s' }; }, ['schedule', 'every'], 'must be at least 10s, found 9s'],
    ['hasty drift', (d) => { d.schedule = { drift: { every: '59s' } }; }, ['schedule', 'drift', 'every'], 'must be at least 1m, found 59s'],
    ['schedule beyond a lifetime', (d) => { d.schedule = { every: '99999999d' }; }, ['schedule', 'every'], 'must be at most 3650d, found 99999999d'],
    ['ladder that falls', (d) => { d.retry = { after: ['6h', '360m'] }; }, ['retry', 'after', 1], 'must be longer than the 6h before it, found 360m'],
    ['ladder without end', (d) => { d.retry = { thenEvery: '0s' }; }, ['retry', 'thenEvery'], 'must be at least 1s, found 0s'],
  ])('%s', (_, edit, path, message) => {
    const nearest = /did you mean "(.+)"/.exec(message)?.[1];
    expect(issuesOf(edit)).toEqual([{ path, message, ...(nearest !== undefined && { nearest }) }]);
  });

  test.each([
    [null, 'expected an object, found nothing'],
    ['job', 'expected an object, found text "job"'],
    [[], 'expected an object, found a list'],
  ])('a file that is %j', (input, message) => expect(validateJob(input, connectors)).toEqual({ issues: [{ path: [], message }] }));
});

test.each([
  ['USERNAME', 'same', '"USERNAME" is mapped twice, above as "userName": a target attribute takes one mapping'],
  ['userName.x', 'within', '"userName.x" and "userName" overlap: map the whole attribute or its parts, not both'],
] as const)('two mappings that meet in the target as its connector sees it: %s', (target, how, message) => {
  const pathsMeet = { scim: (one: string, other: string) => (one === target && other === 'userName' ? how : null) };
  const draft = file((each) => (each.objects[0].attributes[1].target = target));
  expect(validateJob(draft, { ...connectors, pathsMeet }).issues).toEqual([{ path: attribute(1, 'target'), message }]);
});

test('everything that is wrong is said together', () => {
  const issues = issuesOf((draft) => {
    draft.lanes = 'four';
    draft.source.config.pth = 'x';
    draft.target.connector = 'scmi';
  });
  expect(issues.map(({ path }) => path.join('.'))).toEqual(['lanes', 'source.config.pth', 'target.connector']);
});

test('apply "on-create" on a matching mapping is fine', () =>
  expect(issuesOf((draft) => (draft.objects[0].attributes[0].apply = 'on-create'))).toEqual([]));

test.each([
  [{ target: 'x', expression: 'Guid()', apply: 'on-create' }],
  [{ target: 'x', expression: 'Join(".", [firstName], [lastName])', matching: 2, default: 'y' }],
])('%j is fine', (mapping) => expect(issuesOf((draft) => (draft.objects[0].attributes[1] = mapping))).toEqual([]));

describe('attributes that a system does not have', () => {
  const definition = JobDefinition.parse(file());
  const source = { complete: true, attributes: ['email', 'fistName', 'department', 'status'].map((name) => ({ name })) };
  const target = { complete: true, attributes: [{ name: 'userName' }, { name: 'id', readOnly: true }] };

  test('are named with the nearest that it has', () => {
    expect(checkAttributes(definition, () => ({ source, target, describedTargetPath: () => [] }))).toEqual([
      {
        path: ['objects', 0, 'displayName'],
        message: 'the source has no attribute "fullName"; known: department, email, fistName, status',
      },
      { path: attribute(1, 'source'), message: 'the source has no attribute "firstName"; did you mean "fistName"?', nearest: 'fistName' },
      { path: attribute(1, 'target'), message: 'the target has no attribute "name.givenName"; known: id, userName' },
    ]);
  });

  test('are not known where the system does not tell all, or takes the path all the same', () => {
    const open = { ...source, complete: false };
    expect(
      checkAttributes(definition, () => ({
        source: open,
        target,
        describedTargetPath: (path) => (path.startsWith('name.') ? [{ name: path }] : []),
      })),
    ).toEqual([]);
    expect(
      checkAttributes(definition, () => ({ source: open, target: { ...target, complete: false }, describedTargetPath: () => [] })),
    ).toEqual([]);
  });

  test('are named with their place in an expression, where they stand first; the computed one is known', () => {
    const text = 'Switch([IsSoftDeleted], [emial], [emial], [email])';
    const uses = JobDefinition.parse(file((draft) => (draft.objects[0].attributes[1] = { target: 'userName2', expression: text })));
    expect(
      checkAttributes(uses, () => ({ source, target: { ...target, complete: false }, describedTargetPath: () => [] })).slice(1),
    ).toEqual([
      {
        path: attribute(1, 'expression'),
        message: 'column 25: the source has no attribute "emial"; did you mean "email"?',
        nearest: 'email',
      },
    ]);
  });

  test('or that cannot be written', () => {
    const writesId = JobDefinition.parse(file((draft) => (draft.objects[0].attributes[1].target = 'id')));
    expect(
      checkAttributes(writesId, () => ({
        source: { ...source, complete: false },
        target,
        describedTargetPath: (path) => [{ name: path }],
      })),
    ).toEqual([{ path: attribute(1, 'target'), message: 'the target does not let "id" be written: leave this mapping out' }]);
    const through = JobDefinition.parse(file((draft) => (draft.objects[0].attributes[1].target = 'groups[type eq "a"].value')));
    const described = [{ name: 'groups', readOnly: true }, { name: 'groups.value' }];
    expect(
      checkAttributes(through, () => ({ source: { ...source, complete: false }, target, describedTargetPath: () => described })).map(
        ({ message }) => message,
      ),
    ).toEqual([expect.stringContaining('does not let'), expect.stringContaining('does not let "groups[type eq "a"].value" be written')]);
  });
});
