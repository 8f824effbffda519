import { ConnectorError, listingMoved, type TargetObject, type TargetPage } from '@provident/connectors';
import { type AttributeValue, type MatchKey, targetAttributesOf, textOf } from '@provident/domain';
import type { DataSource } from 'typeorm';

import type { TypedSystems } from '../systems.js';
import { type Accounts, AskedAccounts } from './accounts.js';

/**
 * Whether to read the target once instead of asking for each object: when that takes fewer requests. An unknown size of the source counts as large:
 * the target is read as long as it is not huge itself.
 */
export function paysToList({ accounts, pageSize, objects }: { accounts: number; pageSize: number; objects: number | null }): boolean {
  const requests = Math.ceil(accounts / pageSize) + 1;
  return requests <= (objects ?? 2_000);
}

/** Whether to list a target whose accounts have been counted; null when it does not tell their number. */
export const listPays = ({ abilities }: Pick<TypedSystems, 'abilities'>, accounts: number | null, objects: number | null): boolean =>
  abilities.list && accounts !== null && paysToList({ accounts, pageSize: abilities.listPageSize, objects });

/** Text is compared without its case here; what differs only in case is asked of the target, which alone knows whether case counts. */
const fold = (value: AttributeValue): string => textOf(value).toLowerCase();

/** A target in which so much comes and goes is asked for each object instead. */
const mostListings = 2;

/** Finds accounts in a listing of the whole target, kept in the database for the length of a cycle. */
export class ListedAccounts implements Accounts {
  private readonly asked: AskedAccounts;
  private byIds = new Map<string, TargetObject>();
  private byKeys = new Map<string, TargetObject[]>();
  private readonly isEmpty: boolean;

  private constructor(
    private readonly database: DataSource,
    private readonly scope: readonly [scratch: string, cycleId: string],
    systems: TypedSystems,
    signal: AbortSignal,
    listed: number,
  ) {
    this.asked = new AskedAccounts(systems, signal);
    this.isEmpty = listed === 0;
  }

  /**
   * Reads all accounts of the target.
   * @param scratch under which name the listing is kept: of the job for its cycle
   * @returns null when accounts came or went each time: whoever was not seen may be there nevertheless
   * @throws ConnectorError when the listing cannot be completed
   */
  static async list(
    database: DataSource,
    scratch: string,
    cycleId: string,
    systems: TypedSystems,
    signal: AbortSignal,
  ): Promise<ListedAccounts | null> {
    for (let tries = 1; tries <= mostListings; tries++) {
      try {
        return await ListedAccounts.listOnce(database, scratch, cycleId, systems, signal);
      } catch (error) {
        if (!(error instanceof ConnectorError && error.facts.code === listingMoved)) throw error;
      }
    }
    return null;
  }

  private static async listOnce(
    database: DataSource,
    scratch: string,
    cycleId: string,
    systems: TypedSystems,
    signal: AbortSignal,
  ): Promise<ListedAccounts> {
    const { target, gate, mapping } = systems;
    const attributes = targetAttributesOf(mapping);
    const matching = mapping.attributes.filter((each) => each.matching !== undefined).map((each) => each.target);
    await database.query('DELETE FROM listed_value WHERE job_id = $1', [scratch]);
    await database.query('DELETE FROM listed_account WHERE job_id = $1', [scratch]);
    let listed = 0;
    for (let from: string | null = null, isFirst = true; isFirst || from !== null; isFirst = false) {
      const at: string | null = from;
      const page: TargetPage = await gate.pass(() => target.list(mapping.target, attributes, at, signal), signal);
      await store(database, [scratch, cycleId], page.objects, matching);
      listed += page.objects.length;
      from = page.next;
    }
    return new ListedAccounts(database, [scratch, cycleId], systems, signal, listed);
  }

  async prepare(ids: readonly string[], keys: readonly MatchKey[]): Promise<void> {
    this.byIds.clear();
    this.byKeys.clear();
    if (this.isEmpty) return;
    const found = await this.database.query<
      {
        attribute: string | null;
        folded: string | null;
        id: string;
        state: TargetObject['state'];
        attributes: TargetObject['attributes'];
      }[]
    >(
      `SELECT NULL AS attribute, NULL AS folded, target_id AS id, state, attributes FROM listed_account WHERE job_id = $1 AND cycle_id = $2 AND target_id = ANY($3)
       UNION ALL
       SELECT v.attribute, v.folded, a.target_id, a.state, a.attributes
         FROM unnest($4::text[], $5::text[]) AS k (attribute, folded)
         JOIN listed_value AS v ON v.job_id = $1 AND v.cycle_id = $2 AND v.attribute = k.attribute AND v.folded = k.folded
         JOIN listed_account AS a ON a.job_id = $1 AND a.cycle_id = $2 AND a.target_id = v.target_id`,
      [...this.scope, ids, keys.map(({ attribute }) => attribute), keys.map(({ value }) => fold(value))],
    );
    for (const { attribute, folded, ...account } of found) {
      if (attribute === null) this.byIds.set(account.id, account);
      else this.byKeys.set(`${attribute} ${folded}`, [...(this.byKeys.get(`${attribute} ${folded}`) ?? []), account]);
    }
  }

  async byId(id: string): Promise<TargetObject | null> {
    return this.byIds.get(id) ?? this.asked.byId(id);
  }

  async byKey(key: MatchKey): Promise<readonly TargetObject[]> {
    const found = this.byKeys.get(`${key.attribute} ${fold(key.value)}`) ?? [];
    const distinct = [...new Map(found.map((each) => [each.id, each])).values()];
    const isExact = distinct.every(({ attributes }) => holdsExactly(attributes[key.attribute], key.value));
    return isExact ? distinct : this.asked.byKey(key);
  }
}

function holdsExactly(held: AttributeValue | undefined, value: MatchKey['value']): boolean {
  return Array.isArray(held) ? held.some((each) => textOf(each) === String(value)) : textOf(held) === String(value);
}

async function store(
  database: DataSource,
  [scratch, cycleId]: readonly [string, string],
  objects: readonly TargetObject[],
  matching: readonly string[],
): Promise<void> {
  if (objects.length === 0) return;
  await database.query(
    'INSERT INTO listed_account (job_id, cycle_id, target_id, state, attributes) SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::jsonb[]) ON CONFLICT DO NOTHING',
    [
      scratch,
      cycleId,
      objects.map(({ id }) => id),
      objects.map(({ state }) => state),
      objects.map(({ attributes }) => JSON.stringify(attributes)),
    ],
  );
  const values = objects.flatMap(({ id, attributes }) =>
    matching.flatMap((attribute) => valuesOf(attributes[attribute]).map((value) => ({ attribute, folded: fold(value), id }))),
  );
  await database.query(
    'INSERT INTO listed_value (job_id, cycle_id, attribute, folded, target_id) SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[]) ON CONFLICT DO NOTHING',
    [scratch, cycleId, values.map(({ attribute }) => attribute), values.map(({ folded }) => folded), values.map(({ id }) => id)],
  );
}

function valuesOf(value: AttributeValue | undefined): readonly AttributeValue[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
