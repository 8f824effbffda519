import { ConnectorError, type TargetObject } from '@provident/connectors';
import type { DataOf, Failure, TargetObjectImported } from '@provident/contracts';
import { type AttributeBag, type MatchKey, type ObjectKey, type ObjectMapping, matchKeys } from '@provident/domain';

import type { Accounts } from './accounts.js';
import { stopsImport } from './accounts.js';

/** What is needed to find an object's account. */
export interface Sought {
  readonly objectKey: ObjectKey;
  readonly attributes: AttributeBag;
  readonly linkedId: string | null;
}

type TargetHalf = Pick<DataOf<typeof TargetObjectImported>, 'by' | 'tried' | 'matches' | 'linkedId'>;
export type LookedUp = { readonly found: TargetHalf } | { readonly failure: Failure };

/** Keys by which an object without a link is looked for. */
export const keysOf = ({ attributes, linkedId }: Sought, mapping: ObjectMapping): MatchKey[] =>
  linkedId === null ? matchKeys(mapping.attributes, attributes) : [];

/**
 * Finds the account of one object: behind its link, else by matching attributes in their order, up to the first that finds something.
 * @throws ConnectorError when the target as a whole cannot be asked
 */
export async function lookUp(sought: Sought, mapping: ObjectMapping, accounts: Accounts): Promise<LookedUp> {
  try {
    return { found: sought.linkedId === null ? await byMatching(sought, mapping, accounts) : await byLink(sought.linkedId, accounts) };
  } catch (error) {
    if (stopsImport(error)) throw error;
    return { failure: failureOf(error as ConnectorError) };
  }
}

async function byLink(linkedId: string, accounts: Accounts): Promise<TargetHalf> {
  const account = await accounts.byId(linkedId);
  return { by: 'link', tried: [], matches: account ? [plain(account)] : [], linkedId };
}

async function byMatching(sought: Sought, mapping: ObjectMapping, accounts: Accounts): Promise<TargetHalf> {
  const tried: { attribute: string; value: MatchKey['value']; found: number }[] = [];
  for (const key of keysOf(sought, mapping)) {
    const matches = await accounts.byKey(key);
    tried.push({ ...key, found: matches.length });
    if (matches.length > 0) return { by: 'matching', tried, matches: matches.map(plain), linkedId: null };
  }
  return { by: 'none', tried, matches: [], linkedId: null };
}

/** The account behind one of some keys that were tried before, if there is exactly one; and which were tried until it was found. */
export async function byFormerKeys(
  keys: readonly MatchKey[],
  accounts: Accounts,
): Promise<{ readonly tried: TargetHalf['tried']; readonly account: TargetHalf['matches'][number] | null }> {
  const tried: TargetHalf['tried'] = [];
  for (const key of keys) {
    const matches = await accounts.byKey(key);
    tried.push({ ...key, found: matches.length });
    if (matches.length === 1) return { tried, account: plain(matches[0]!) };
  }
  return { tried, account: null };
}

const plain = ({ id, attributes, state }: TargetObject) => ({ id, attributes, state });

export function failureOf({ facts: { kind, code, message, status, attribute } }: ConnectorError): Failure {
  return { kind, code, message, ...(status === undefined ? {} : { status }), ...(attribute === undefined ? {} : { attribute }) };
}
