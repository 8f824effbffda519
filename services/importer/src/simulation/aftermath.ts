import type { SimulatedFollowUps, SimulatedOutcome } from '@provident/contracts';
import {
  type AttributeValue,
  type ObjectKey,
  type RemovalKind,
  type ResolvedReference,
  canonicalJson,
  circleFrom,
} from '@provident/domain';
import type { DataSource } from 'typeorm';

/** What the pass foretold of one object. */
export interface Foretold {
  readonly objectKey: ObjectKey;
  readonly displayName: string | null;
  /** Whether the source has it no more. */
  readonly gone: boolean;
  readonly outcome: Pick<SimulatedOutcome, 'action' | 'targetId' | 'reason'>;
  readonly references: readonly ResolvedReference[];
  /** Value of an attribute in the account that was found; undefined for none. */
  readonly heldAt: (attribute: string) => AttributeValue | undefined;
}

interface Fate {
  /** Whether there is an account in the end, whether it is used, and whether something is taken away for that. */
  readonly present: boolean;
  readonly inUse: boolean;
  readonly removal: boolean;
}

/** null: nothing can be done with it, and what is known stays. */
function fateOf({ action, reason: { code } }: Foretold['outcome']): Fate | null {
  if (action === 'skip' || action === 'fail') return null;
  if (action === 'delete' || code === 'already-gone') return { present: false, inUse: false, removal: action === 'delete' };
  if (action === 'disable' || code === 'already-disabled') return { present: true, inUse: false, removal: action === 'disable' };
  return { present: true, inUse: true, removal: false };
}

/**
 * What follows on a simulated pass under one set of rules, once accounts are as it foretold them: who joins and leaves groups, and references that lead
 * elsewhere because an account came or went. It is worked out in the database; nothing grows with the number of objects.
 */
export class Aftermath {
  constructor(
    private readonly database: DataSource,
    private readonly jobId: string,
    readonly scratch: string,
    private readonly simulationId: string,
  ) {}

  /** Told of each page. Of somebody with whom nothing can be done, what is known stays. */
  async note(people: readonly Foretold[]): Promise<void> {
    const told = people.flatMap((person) => {
      const fate = fateOf(person.outcome);
      return fate ? [{ ...person, ...fate }] : [];
    });
    if (told.length === 0) return;
    await this.database.query(
      `INSERT INTO simulated_account (job_id, cycle_id, object_key, display_name, target_id, present, in_use, removal, kind, gone)
       SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::boolean[], $7::boolean[], $8::boolean[], $9::text[], $10::boolean[])
         ON CONFLICT DO NOTHING`,
      [
        ...this.scope,
        told.map(({ objectKey }) => objectKey),
        told.map(({ displayName }) => displayName),
        told.map(({ outcome }) => outcome.targetId),
        told.map(({ present }) => present),
        told.map(({ inUse }) => inUse),
        told.map(({ removal }) => removal),
        told.map(({ removal, outcome }) => (removal ? outcome.action : null)),
        told.map(({ gone }) => gone),
      ],
    );
    await this.noteReferences(told);
  }

  private async noteReferences(people: readonly Foretold[]): Promise<void> {
    const given = people.flatMap(({ objectKey, references, heldAt }) =>
      references
        .filter(({ to }) => to !== null && to !== objectKey)
        .map(({ attribute, to, state, id, circle }) => {
          const held = state === 'resolved' ? id : state === 'gone' ? null : (heldAt(attribute) ?? null);
          // Once the circle ends, the reference is written.
          return { objectKey, attribute, to, id: circle ? null : id, held: canonicalJson(held), told: circle !== undefined };
        }),
    );
    if (given.length === 0) return;
    await this.database.query(
      `INSERT INTO simulated_reference (job_id, cycle_id, object_key, attribute, wanted_key, target_id, held, told)
       SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::boolean[]) ON CONFLICT DO NOTHING`,
      [
        ...this.scope,
        given.map(({ objectKey }) => objectKey),
        given.map(({ attribute }) => attribute),
        given.map(({ to }) => to),
        given.map(({ id }) => id),
        given.map(({ held }) => held),
        given.map(({ told }) => told),
      ],
    );
  }

  /** Removals of these kinds would be held: whose account would go keeps it as it is known, and stays where it is. */
  async keepAccounts(kinds: readonly RemovalKind[]): Promise<void> {
    await this.database.query(
      `UPDATE simulated_account AS a
          SET target_id = o.target_id, present = o.target_id IS NOT NULL, in_use = o.target_id IS NOT NULL AND NOT o.disabled, removal = false
         FROM source_object AS o
        WHERE a.job_id = $1 AND a.cycle_id = $2 AND a.removal AND a.kind = ANY($4) AND o.job_id = $3 AND o.object_key = a.object_key`,
      [...this.scope, this.jobId, kinds],
    );
  }

  /** Of each group how many members the source takes out of it, as a cycle would propose it, and how many are in it through this job. */
  async countLeaving(reading: MembersRead): Promise<{ group: ObjectKey; removed: number; of: number }[]> {
    const rows = await this.database.query<{ group: ObjectKey; removed: string; of: string }[]>(
      `WITH ${paired}
       SELECT m.group_key AS "group", count(*) FILTER (WHERE ${leaves}) AS removed, count(*) FILTER (WHERE m.is_there) AS of
         FROM paired AS m
         JOIN simulated_account AS g ON g.job_id = $1 AND g.cycle_id = $2 AND g.object_key = m.group_key AND g.in_use
         LEFT JOIN simulated_account AS a ON a.job_id = $1 AND a.cycle_id = $2 AND a.object_key = m.member_key
         LEFT JOIN source_object AS o ON o.job_id = $3 AND o.object_key = m.member_key
        GROUP BY m.group_key HAVING count(*) FILTER (WHERE ${leaves}) > 0 ORDER BY m.group_key`,
      [...this.scope, this.jobId, ...valuesOf(reading)],
    );
    return rows.map(({ group, removed, of }) => ({ group, removed: Number(removed), of: Number(of) }));
  }

  /** From the memberships that were read, and from accounts as they would be once what is held stays. @param held whose members stay until a person decides */
  async foretellMembers(reading: MembersRead, held: HeldMembers): Promise<void> {
    await this.database.query(
      `WITH account AS (${accounts}), ${paired}
       INSERT INTO simulated_membership (job_id, cycle_id, group_key, member_key, adds, display_name, target_id, group_name, group_id, held)
       SELECT $1, $2, m.group_key, m.member_key, NOT m.is_there, p.display_name, p.target_id, g.display_name, g.target_id,
              p.in_use AND ${leaves} AND CASE WHEN m.group_key = ANY($7::text[]) THEN $8::boolean ELSE $9::boolean END
         FROM paired AS m
         JOIN simulated_account AS g ON g.job_id = $1 AND g.cycle_id = $2 AND g.object_key = m.group_key AND g.in_use
         JOIN account AS p ON p.object_key = m.member_key AND p.present
         LEFT JOIN simulated_account AS a ON a.job_id = $1 AND a.cycle_id = $2 AND a.object_key = m.member_key
         LEFT JOIN source_object AS o ON o.job_id = $3 AND o.object_key = m.member_key
        WHERE (m.is_wanted AND p.in_use) <> m.is_there AND NOT (m.may_stay AND NOT m.is_wanted)
          AND NOT (p.in_use AND NOT m.is_wanted AND ${isGone})`,
      [...this.scope, this.jobId, ...valuesOf(reading), held.overGroups, held.over, held.others],
    );
  }

  /**
   * Notes which references would close a circle in the end. Looked at are those alone to whom somebody refers who is referred to: nobody else can be in one.
   */
  async noteCircles(): Promise<void> {
    const rows = await this.database.query<{ attribute: string; objectKey: ObjectKey; wantedKey: ObjectKey }[]>(
      `WITH wanted AS MATERIALIZED (SELECT DISTINCT attribute, wanted_key FROM simulated_reference WHERE job_id = $1 AND cycle_id = $2)
       SELECT r.attribute, r.object_key AS "objectKey", r.wanted_key AS "wantedKey"
         FROM wanted AS w CROSS JOIN LATERAL (SELECT * FROM simulated_reference
          WHERE job_id = $1 AND cycle_id = $2 AND object_key = w.wanted_key AND attribute = w.attribute OFFSET 0) AS r`,
      [...this.scope],
    );
    const wanted = new Map(rows.map(({ attribute, objectKey, wantedKey }) => [`${attribute} ${objectKey}`, wantedKey]));
    const circular = rows.flatMap(({ attribute, objectKey }) => {
      const circle = circleFrom(objectKey, (of) => wanted.get(`${attribute} ${of}`));
      return circle ? [{ attribute, objectKey, circle: JSON.stringify(circle) }] : [];
    });
    if (circular.length === 0) return;
    await this.database.query(
      `UPDATE simulated_reference AS r SET circle = c.circle FROM unnest($3::text[], $4::text[], $5::text[]) AS c (object_key, attribute, circle)
        WHERE r.job_id = $1 AND r.cycle_id = $2 AND r.object_key = c.object_key AND r.attribute = c.attribute`,
      [
        ...this.scope,
        circular.map(({ objectKey }) => objectKey),
        circular.map(({ attribute }) => attribute),
        circular.map(({ circle }) => circle),
      ],
    );
  }

  async count(): Promise<Omit<SimulatedFollowUps, 'nestingsRefused'>> {
    const [members] = await this.database.query<[{ added: string; removed: string }]>(
      `SELECT count(*) FILTER (WHERE adds) AS added, count(*) FILTER (WHERE NOT adds AND NOT held) AS removed FROM simulated_membership
        WHERE job_id = $1 AND cycle_id = $2`,
      [...this.scope],
    );
    const [{ count }] = await this.database.query<[{ count: string }]>(
      `SELECT count(*) FROM (${turnedReferences({ scratch: 1, simulation: 2, job: 3 })}) AS r`,
      [...this.scope, this.jobId],
    );
    return { membersAdded: Number(members.added), membersRemoved: Number(members.removed), references: Number(count) };
  }

  private get scope(): readonly [scratch: string, simulationId: string] {
    return [this.scratch, this.simulationId];
  }
}

/** What was read of memberships, and what of it counts. */
export interface MembersRead {
  /** Whether what did not show has ended, but in groups that could not be read. */
  readonly withRemovals: boolean;
  /** Rules under which a person let members stay, and that are the same still. */
  readonly rejectedUnder: readonly number[];
  /** Whether what becomes of the account of somebody who is gone decides about the memberships, too. */
  readonly goneDecides: boolean;
}

/** Which of the members that the source takes out of groups stay until a person decides. */
export interface HeldMembers {
  /** Groups that lose a larger share than the job allows, whether their members stay, and whether those of others do. */
  readonly overGroups: readonly ObjectKey[];
  readonly over: boolean;
  readonly others: boolean;
}

const valuesOf = ({ withRemovals, rejectedUnder, goneDecides }: MembersRead): unknown[] => [withRemovals, rejectedUnder, goneDecides];

/** Memberships as the source has them, beside those that were written. $1, $2: the scratch; $3: the job; $4, $5: of `MembersRead`. */
const paired = `
  wanted AS (
    SELECT group_key, member_key FROM seen_membership WHERE job_id = $1 AND cycle_id = $2 AND refused IS NULL
    UNION
    SELECT m.group_key, m.member_key FROM membership AS m
     WHERE m.job_id = $3 AND m.wanted AND NOT ($4
       AND (SELECT r.whole FROM read_group AS r WHERE r.job_id = $1 AND r.cycle_id = $2 AND r.group_key = m.group_key) IS NOT FALSE)
  ),
  written AS (
    SELECT group_key, member_key, released, gated AND rejected_rules = ANY($5::bigint[]) AS may_stay
      FROM membership WHERE job_id = $3 AND target_id IS NOT NULL
  ),
  paired AS (
    SELECT group_key, member_key, w.group_key IS NOT NULL AS is_wanted, t.group_key IS NOT NULL AS is_there,
           t.may_stay IS TRUE AS may_stay, t.released IS TRUE AS is_released
      FROM wanted AS w FULL JOIN written AS t USING (group_key, member_key)
  )`;

/** Of rows `a` (the member as foretold) and `o` (as known). $6: of `MembersRead`. */
const isGone = '($6::boolean AND coalesce(a.gone, o.deleted) IS TRUE)';

/** A cycle proposes it and weighs it: the source has ended it, and nothing else has. Of a row `m` of `paired` besides. */
const leaves = `(m.is_there AND NOT m.is_wanted AND NOT m.may_stay AND NOT m.is_released AND o.disabled IS NOT TRUE AND NOT ${isGone})`;

/** Accounts as they would be: as foretold, otherwise as they are known. $1, $2: the scratch; $3: the job. */
const accounts = `
  SELECT coalesce(a.object_key, o.object_key) AS object_key, coalesce(a.display_name, o.display_name) AS display_name,
         CASE WHEN a.object_key IS NULL THEN o.target_id ELSE a.target_id END AS target_id,
         coalesce(a.present, o.target_id IS NOT NULL) AS present, coalesce(a.in_use, o.target_id IS NOT NULL AND NOT o.disabled) AS in_use
    FROM (SELECT * FROM simulated_account WHERE job_id = $1 AND cycle_id = $2) AS a
    FULL JOIN (SELECT * FROM source_object WHERE job_id = $3) AS o ON o.object_key = a.object_key`;

/** References that would lead to another account than the pass found, as a query. Given are the numbers of its parameters. */
export const turnedReferences = ({ scratch, simulation, job }: Record<'scratch' | 'simulation' | 'job', number>): string => `
  SELECT r.object_key, r.attribute, r.held, me.display_name, me.target_id,
         CASE WHEN NOT coalesce(a.present, o.target_id IS NOT NULL) THEN 'null'::jsonb
              WHEN coalesce(a.target_id, o.target_id) IS NULL THEN jsonb_build_object('accountOf', r.wanted_key)
              ELSE to_jsonb(coalesce(a.target_id, o.target_id)) END AS turned
    FROM simulated_reference AS r
    JOIN simulated_account AS me ON me.job_id = r.job_id AND me.cycle_id = r.cycle_id AND me.object_key = r.object_key AND me.in_use
    LEFT JOIN simulated_account AS a ON a.job_id = r.job_id AND a.cycle_id = r.cycle_id AND a.object_key = r.wanted_key
    LEFT JOIN source_object AS o ON o.job_id = $${job} AND o.object_key = r.wanted_key
   WHERE r.job_id = $${scratch} AND r.cycle_id = $${simulation} AND (r.circle IS NULL OR NOT coalesce(a.present, o.target_id IS NOT NULL))
     AND (CASE WHEN NOT coalesce(a.present, o.target_id IS NOT NULL) THEN r.target_id IS NOT NULL
               ELSE coalesce(a.target_id, o.target_id) IS DISTINCT FROM r.target_id OR r.target_id IS NULL END)`;
