import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { applyChanges } from '../diff/apply-changes.js';
import type { ObjectMapping } from '../job/job-definition.js';
import { account, importedPair, mapping, objectMapping, objectRules, pair, person, targetSide } from '../testing/index.js';
import { evaluateObject } from './evaluate-object.js';
import { type ImportedPair, notLookedUp } from './evaluation.js';

const { absent, linked, matched, vanished } = targetSide;
const finance = { name: 'Finance', all: [{ attribute: 'department', operator: 'EQUALS' as const, value: 'Finance' }] };
const rules = objectMapping({ scope: [finance], active: { attribute: 'status', operator: 'EQUALS', value: 'active' } });
const sales = person({ department: 'Sales' });
const left = person({ status: 'left' });

describe('a person who should have an account', () => {
  test('gets one with all values when the target has none', () => {
    expect(evaluateObject(pair(absent()), rules)).toEqual({
      action: 'create',
      reason: {
        code: 'not-in-target',
        text: 'no account in the target has userName "jane.doe@example.com"',
        facts: { attribute: 'userName', value: 'jane.doe@example.com' },
      },
      scope: { inScope: true, clauses: [{ filter: 'Finance', clause: 'department EQUALS "Finance"', actual: 'Finance', holds: true }] },
      targetId: null,
      linksNow: false,
      match: { attribute: 'userName', value: 'jane.doe@example.com' },
      changes: [
        { attribute: 'userName', old: null, new: 'jane.doe@example.com' },
        { attribute: 'name.givenName', old: null, new: 'Jane' },
        { attribute: 'name.familyName', old: null, new: 'Doe' },
      ],
      enable: false,
      failure: null,
    });
  });

  test('is linked to the one that matches, which is brought into step', () => {
    expect(evaluateObject(pair(matched(account({ 'name.givenName': 'Janet' }))), rules)).toMatchObject({
      action: 'update',
      reason: { code: 'attributes-differ', text: 'the account differs in name.givenName' },
      targetId: 'a-1',
      linksNow: true,
      changes: [{ attribute: 'name.givenName', old: 'Janet', new: 'Jane' }],
      enable: false,
    });
  });

  test('is linked to the one that matches even when nothing differs', () => {
    expect(evaluateObject(pair(matched(account({ userName: 'Jane.Doe@Example.com' }))), rules)).toMatchObject({
      action: 'unchanged',
      reason: { code: 'redundant-export' },
      targetId: 'a-1',
      linksNow: true,
    });
  });

  test('keeps the linked one, whatever it is called meanwhile', () => {
    expect(evaluateObject(pair(linked(account({ userName: 'old@example.com' }))), rules)).toMatchObject({
      action: 'update',
      linksNow: false,
    });
    expect(evaluateObject(pair(linked(account())), rules)).toMatchObject({ action: 'unchanged', linksNow: false });
  });

  test('keeps the linked one without a value to match by', () => {
    expect(evaluateObject(pair(linked(account()), person({ email: '' })), rules)).toMatchObject({ action: 'unchanged', match: null });
  });

  test('has a disabled account enabled again', () => {
    expect(evaluateObject(pair(linked(account({}, 'disabled'))), rules)).toMatchObject({
      action: 'update',
      reason: { code: 'account-disabled', text: 'the account is disabled, and the person is active and in scope' },
      changes: [],
      enable: true,
    });
    expect(evaluateObject(pair(linked(account({}, 'unknown'))), rules)).toMatchObject({ action: 'unchanged', enable: false });
  });

  test('fails without any value to match by', () => {
    expect(evaluateObject(pair(notLookedUp, person({ email: null })), rules)).toMatchObject({
      action: 'fail',
      reason: { code: 'no-matching-value', text: 'no value for the matching attribute userName (from email)' },
      match: null,
      failure: { kind: 'missing-values', code: 'no-matching-value', attribute: 'userName' },
    });
  });

  test('fails when several accounts match, naming them', () => {
    expect(evaluateObject(pair(matched(account(), { ...account(), id: 'a-2' })), rules)).toMatchObject({
      action: 'fail',
      targetId: null,
      failure: {
        kind: 'ambiguous-match',
        code: 'duplicate-target-entries',
        message: 'more than one account matches: a-1, a-2',
        attribute: 'userName',
      },
    });
  });

  test('fails when a required value is missing for creation, but not for an update', () => {
    const nameless = person({ lastName: '' });
    expect(evaluateObject(pair(absent(), nameless), rules)).toMatchObject({
      action: 'fail',
      failure: { kind: 'missing-values', code: 'mandatory-fields-missing', attribute: 'name.familyName' },
    });
    expect(evaluateObject(pair(linked(account()), nameless), rules).action).toBe('unchanged');
  });

  test('fails when the linked account vanished: it is never created again silently', () => {
    expect(evaluateObject(pair(vanished()), rules)).toMatchObject({
      action: 'fail',
      targetId: 'a-1',
      failure: { kind: 'gone', code: 'invalid-anchor' },
    });
  });
});

describe('an account that is not wanted any more', () => {
  test.each([
    ['its person left the scope', pair(linked(account()), sales), 'disable', 'out-of-scope'],
    ['its person is not active', pair(linked(account()), left), 'disable', 'not-active'],
    ['its person is gone from the source', pair(linked(account()), person(), 'deleted'), 'delete', 'deleted-at-source'],
  ])('is removed as the rules say when %s', (_, imported, action, code) => {
    const result = evaluateObject(imported, rules);
    expect(result).toMatchObject({ action, reason: { code }, targetId: 'a-1', changes: [], enable: false });
  });

  test('names the failing condition and the value it met', () => {
    expect(evaluateObject(pair(linked(account()), sales), rules).reason).toEqual({
      code: 'out-of-scope',
      text: 'out of scope: department EQUALS "Finance" does not hold, the value is "Sales" (filter "Finance")',
      facts: { filter: 'Finance', clause: 'department EQUALS "Finance"', actual: 'Sales', others: '0' },
    });
    expect(evaluateObject(pair(linked(account()), person({ status: null })), rules).reason.text).toBe(
      'not active: status EQUALS "active" does not hold, the value is empty',
    );
  });

  test.each([
    ['its person left the scope', pair(matched(account()), sales), 'out-of-scope'],
    ['its person is not active', pair(matched(account()), left), 'not-active'],
    ['its person is gone from the source', pair(matched(account()), person(), 'deleted'), 'never-linked'],
  ])('is left alone when it was never linked, though %s', (_, imported, code) =>
    expect(evaluateObject(imported, rules)).toMatchObject({ action: 'skip', reason: { code }, linksNow: false }),
  );

  test('is left alone when the rules ignore it', () => {
    const ignoring = objectMapping({ removals: { deleted: 'ignore' } });
    expect(evaluateObject(pair(linked(account()), person(), 'deleted'), ignoring)).toMatchObject({
      action: 'skip',
      reason: { code: 'removal-ignored', text: 'the rules leave the account alone (the person is gone from the source)' },
    });
  });

  test('is done with when it is disabled already, unless it is to be deleted', () => {
    const disabled = linked(account({}, 'disabled'));
    expect(evaluateObject(pair(disabled, sales), rules)).toMatchObject({ action: 'unchanged', reason: { code: 'already-disabled' } });
    expect(evaluateObject(pair(disabled, sales, 'deleted'), rules)).toMatchObject({ action: 'delete' });
  });

  test('is done with when it is gone already', () => {
    expect(evaluateObject(pair(vanished(), sales), rules)).toMatchObject({
      action: 'unchanged',
      reason: { code: 'already-gone' },
      targetId: 'a-1',
    });
  });

  test('is disabled where the target cannot tell whether it is', () => {
    expect(evaluateObject(pair(linked(account({}, 'unknown')), sales), rules).action).toBe('disable');
  });
});

describe('an action that is not allowed', () => {
  const readOnly = objectMapping({ scope: [finance], actions: [] });
  test.each([
    ['create', pair(absent())],
    ['update', pair(linked(account({ 'name.givenName': 'Janet' })))],
    ['disable', pair(linked(account()), sales)],
    ['delete', pair(linked(account()), person(), 'deleted')],
  ])('%s is skipped, and says so', (action, imported) =>
    expect(evaluateObject(imported, readOnly)).toMatchObject({
      action: 'skip',
      reason: { code: 'action-not-allowed', facts: { action } },
      changes: [],
    }),
  );

  test('does not keep a matching account from being linked', () => {
    expect(evaluateObject(pair(matched(account({ 'name.givenName': 'Janet' }))), readOnly)).toMatchObject({
      action: 'skip',
      linksNow: true,
      targetId: 'a-1',
    });
  });
});

const always = (holds: (imported: ImportedPair, rules: ObjectMapping) => void) =>
  fc.assert(fc.property(importedPair(), objectRules(), holds), { numRuns: 500 });

describe('of any object under any rules', () => {
  test('evaluating twice gives the same answer', () =>
    always((imported, any) => expect(evaluateObject(imported, any)).toEqual(evaluateObject(imported, any))));

  test('a write is allowed by the rules', () =>
    always((imported, any) => expect([...any.actions, 'skip', 'unchanged', 'fail']).toContain(evaluateObject(imported, any).action)));

  test('a failure is given if and only if the action is fail, with the code of the reason', () =>
    always((imported, any) => {
      const { action, failure, reason } = evaluateObject(imported, any);
      expect(failure?.code ?? null).toBe(action === 'fail' ? reason.code : null);
    }));

  test('an account is removed only if it is linked', () =>
    always((imported, any) => {
      const { action, targetId } = evaluateObject(imported, any);
      if (action === 'disable' || action === 'delete') expect(targetId).toBe(imported.target.linkedId);
    }));

  test('only creations and updates carry changes, and an update carries something', () =>
    always((imported, any) => {
      const { action, changes, enable } = evaluateObject(imported, any);
      expect(changes.length > 0 || enable).toBe(action === 'create' || action === 'update');
    }));

  test('an update that was written leaves nothing to do', () =>
    always((imported, any) => {
      const { action, changes, targetId } = evaluateObject(imported, any);
      if (action !== 'update') return;
      const [before] = imported.target.matches;
      const after = { id: targetId!, attributes: applyChanges(before!.attributes, changes), state: 'active' as const };
      expect(evaluateObject({ ...imported, target: linked(after) }, any)).toMatchObject({
        action: 'unchanged',
        reason: { code: 'redundant-export' },
      });
    }));
});

test('an object mapping with constants alone needs no source value but the one it matches by', () => {
  const constant = objectMapping({
    attributes: [mapping('userName', { source: 'email', matching: 1 }), mapping('userType', { constant: 'Staff' })],
  });
  expect(evaluateObject(pair(absent(), { email: 'a@b' }), constant).changes).toHaveLength(2);
});

describe('an expression that cannot be evaluated', () => {
  const since = { target: 'since', expression: 'CDate([since])' };
  const userName = { target: 'userName', source: 'email', matching: 1 };
  const soon = person({ since: 'soon' });
  const failure = {
    kind: 'invalid-source',
    code: 'expression-failed',
    attribute: 'since',
    message: 'the expression of since failed: column 7: expression of CDate: "soon" is not a date that can be read',
  };

  test.each([
    ['fails the creation', absent()],
    ['fails the update', linked(account())],
    ['fails the account that matches', matched(account())],
  ])('%s', (_, target) => {
    const evaluation = evaluateObject(pair(target, soon), objectMapping({ attributes: [userName, since] }));
    expect(evaluation).toMatchObject({ action: 'fail', failure, changes: [], reason: { code: 'expression-failed' } });
  });

  test('fails nobody who is not wanted', () => {
    const gone = { ...soon, status: 'left' };
    const active = { attribute: 'status', operator: 'EQUALS' as const, value: 'active' };
    const evaluation = evaluateObject(pair(linked(account()), gone), objectMapping({ active, attributes: [userName, since] }));
    expect(evaluation.action).toBe('disable');
  });

  test('fails the match, so that no account of lower precedence is taken for the right one; a linked account needs none', () => {
    const byDate = objectMapping({
      attributes: [
        { ...since, matching: 1, apply: 'on-create' },
        { ...userName, matching: 2 },
      ],
    });
    expect(evaluateObject(pair(matched(account()), soon), byDate)).toMatchObject({ action: 'fail', failure });
    expect(evaluateObject(pair(linked(account()), soon), byDate)).toMatchObject({ action: 'unchanged' });
  });
});

test('an expression can find the account, and what is created gets what the context gives', () => {
  const computed = objectMapping({
    attributes: [
      { target: 'userName', expression: 'ToLower(Join(".", [firstName], [lastName]))', matching: 1 },
      { target: 'externalId', expression: 'Guid()', apply: 'on-create' },
    ],
  });
  expect(evaluateObject(pair(absent()), computed, { newId: () => 'id-1' })).toMatchObject({
    action: 'create',
    match: { attribute: 'userName', value: 'jane.doe' },
    changes: [
      { attribute: 'userName', old: null, new: 'jane.doe' },
      { attribute: 'externalId', old: null, new: 'id-1' },
    ],
  });
  expect(evaluateObject(pair(linked(account({ userName: 'jane.doe' }))), computed)).toMatchObject({ action: 'unchanged' });
});
