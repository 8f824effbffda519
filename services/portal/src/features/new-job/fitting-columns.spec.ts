import { expect, test } from '@jest/globals';

import { emptyDraft } from './draft.js';
import { fittingRows } from './fitting-columns.js';

const columnsOf = (rows: readonly { readonly target: string; readonly column: string }[]) =>
  Object.fromEntries(rows.map(({ target, column }) => [target, column]));

test('each row gets the column that the file has for it, however that is written', () => {
  const columns = ['Emp_ID', 'First Name', 'Last Name', 'E-Mail', 'Full name', 'Dept'];
  expect(columnsOf(fittingRows({ ...emptyDraft, anchor: 'Emp_ID' }, columns))).toEqual({
    userName: 'E-Mail',
    externalId: 'Emp_ID',
    displayName: 'Full name',
    'name.givenName': 'First Name',
    'name.familyName': 'Last Name',
    'emails[type eq "work"].value': 'E-Mail',
  });
});

test('a column that is there stays, also one that somebody chose', () => {
  const draft = { ...emptyDraft, rows: [{ target: 'userName', column: 'badge' }, ...emptyDraft.rows.slice(1)] };
  const columns = ['badge', 'login', 'mail', 'employeeId', 'displayName', 'givenName', 'familyName'];
  expect(fittingRows(draft, columns)).toEqual(draft.rows);
});

test('a row without a column is left out, unless it finds the account or somebody wrote it', () => {
  const written = { target: 'title', column: 'job title' };
  const draft = { ...emptyDraft, rows: [...emptyDraft.rows, written] };
  expect(fittingRows(draft, ['a', 'b'])).toEqual([emptyDraft.rows[0], written]);
});
