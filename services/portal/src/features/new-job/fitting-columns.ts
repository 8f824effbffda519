import { type Draft, emptyDraft, type MappingRow } from './draft.js';

/** What files tend to call what an attribute gets, the likeliest first; in small letters and digits only. */
const usualNames: Readonly<Record<string, readonly string[]>> = {
  userName: ['username', 'userprincipalname', 'upn', 'login', 'loginname', 'samaccountname', 'mail', 'email', 'emailaddress', 'workemail'],
  displayName: ['displayname', 'fullname', 'name', 'cn'],
  'name.givenName': ['givenname', 'firstname', 'forename', 'first'],
  'name.familyName': ['familyname', 'lastname', 'surname', 'sn', 'last'],
  'emails[type eq "work"].value': ['mail', 'email', 'emailaddress', 'workemail', 'primaryemail'],
};

const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/**
 * The rows of a draft with columns that its file has: a row whose column is not there gets the one that files tend to have in its place, and one that
 * nobody has touched is left out where there is none. Pure.
 */
export function fittingRows({ rows, anchor }: Draft, columns: readonly string[]): readonly MappingRow[] {
  const likely = (target: string): string | undefined => {
    const names = target === 'externalId' ? [plain(anchor)] : (usualNames[target] ?? []);
    return names.flatMap((name) => columns.filter((column) => plain(column) === name))[0];
  };
  return rows.flatMap((row, at) => {
    if (columns.includes(row.column.trim())) return [row];
    const column = likely(row.target.trim());
    if (column !== undefined) return [{ ...row, column }];
    return at > 0 && isUntouched(row) ? [] : [row];
  });
}

const isUntouched = ({ target, column }: MappingRow): boolean =>
  emptyDraft.rows.some((row) => row.target === target && row.column === column);
