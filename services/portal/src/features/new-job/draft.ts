import type { Issue } from '@provident/contracts/http';

import { type AuthForm, authOf, emptyAuth, missingInAuth } from '../../shared/auth/auth-form.js';

/** One target attribute and the column that it gets. */
export interface MappingRow {
  readonly target: string;
  readonly column: string;
}

/** What the three steps ask for. */
export interface Draft {
  readonly jobId: string;
  readonly file: string;
  readonly anchor: string;
  readonly delimiter: string;
  readonly targetName: string;
  readonly url: string;
  readonly auth: AuthForm;
  /** The first row finds the account. */
  readonly rows: readonly MappingRow[];
  readonly scope: { readonly column: string; readonly value: string } | null;
  readonly paused: boolean;
}

export const emptyDraft: Draft = {
  jobId: '',
  file: '',
  anchor: 'employeeId',
  delimiter: ',',
  targetName: '',
  url: '',
  auth: emptyAuth,
  rows: [
    { target: 'userName', column: 'mail' },
    { target: 'externalId', column: 'employeeId' },
    { target: 'displayName', column: 'displayName' },
    { target: 'name.givenName', column: 'givenName' },
    { target: 'name.familyName', column: 'familyName' },
    { target: 'emails[type eq "work"].value', column: 'mail' },
  ],
  scope: null,
  paused: false,
};

/** Fields of each step that must not be empty. */
export const needed = [['jobId', 'file', 'anchor'], ['url'], []] as const satisfies readonly (readonly (keyof Draft)[])[];

export const missingIn = (draft: Draft, step: number): readonly (keyof Draft)[] => [
  ...(needed[step] ?? []).filter((field) => draft[field].trim() === ''),
  ...(step === 1 && missingInAuth(draft.auth).length > 0 ? (['auth'] as const) : []),
];

const usedRows = ({ rows }: Draft): MappingRow[] => rows.filter(({ target, column }) => target.trim() !== '' && column.trim() !== '');

/** The job file that the answers make; the server checks it and fills in the rest. */
export function definitionOf(draft: Draft): Record<string, unknown> {
  const { jobId, file, anchor, delimiter, url, auth, targetName, scope, paused } = draft;
  return {
    job: jobId.trim(),
    source: { connector: 'csv', config: { file: file.trim(), anchor: anchor.trim(), ...(delimiter !== ',' && { delimiter }) } },
    target: {
      connector: 'scim',
      ...(targetName.trim() !== '' && { name: targetName.trim() }),
      config: { url: url.trim(), auth: authOf(auth) },
    },
    objects: [
      {
        type: 'user',
        ...nameColumn(draft),
        ...(scope && {
          scope: [
            {
              name: `${scope.column} is ${scope.value}`,
              all: [{ attribute: scope.column.trim(), operator: 'EQUALS', value: scope.value.trim() }],
            },
          ],
        }),
        attributes: usedRows(draft).map(({ target, column }, index) => ({
          target: target.trim(),
          source: column.trim(),
          ...(index === 0 && { matching: 1, required: true }),
        })),
      },
    ],
    ...(paused && { schedule: { paused: true } }),
  };
}

/** How logs call a person: by the column of the display name, when there is one. */
function nameColumn(draft: Draft): { displayName?: string } {
  const row = usedRows(draft).find(({ target }) => target === 'displayName');
  return row ? { displayName: row.column.trim() } : {};
}

/** The step whose answers a problem is about. */
export function stepOf({ path: [root] }: Issue): number {
  if (root === 'source' || root === 'job') return 0;
  return root === 'target' ? 1 : 2;
}
