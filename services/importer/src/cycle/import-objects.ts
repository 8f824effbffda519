import { type Said, say, spanNow } from '@provident/bus';
import type { ConnectorError } from '@provident/connectors';
import {
  type DataOf,
  type Failure,
  ObjectImportFailed,
  type ObjectFacts,
  SourceObjectImported,
  TargetObjectImported,
} from '@provident/contracts';
import {
  type AttributeBag,
  type MatchKey,
  type ObjectKey,
  type ObjectMapping,
  type ObjectType,
  evaluateWanted,
  isActive,
  textOf,
} from '@provident/domain';

import { type Accounts, stopsImport } from './accounts.js';
import { type LookedUp, type Sought, byFormerKeys, failureOf, keysOf, lookUp } from './look-up.js';

/** An object that takes its way through the pipeline. */
export interface Candidate {
  readonly facts: ObjectFacts;
  readonly sourceId: string;
  readonly change: 'added' | 'updated' | 'deleted' | 'again';
  readonly attributes: AttributeBag;
  readonly linkedId: string | null;
}

/** Who owns an account already, other than the object itself. */
export type FindOwners = (type: ObjectType, targetIds: readonly string[]) => Promise<ReadonlyMap<string, ObjectKey>>;

/**
 * By what some objects without an account were looked for before, in vain, apart from what they are looked for by now and from what others are: a creation whose answer was lost may have
 * made an account under such a name meanwhile.
 */
export type FindFormerKeys = (now: ReadonlyMap<ObjectKey, readonly MatchKey[]>) => Promise<ReadonlyMap<ObjectKey, readonly MatchKey[]>>;

type TargetHalf = DataOf<typeof TargetObjectImported>;

/** What an object has to do with the accounts of others. */
export type Associations = Pick<TargetHalf, 'references' | 'members' | 'rejected'> & {
  /** The job has disabled its account. */
  readonly isDisabled?: true;
};
/** @param others objects that are imported with them, without an account that could refer to anybody */
export type FindAssociations = (
  mapping: ObjectMapping,
  objects: readonly Wanted[],
  others?: readonly Wanted[],
) => Promise<ReadonlyMap<ObjectKey, Associations>>;

export interface ImportContext {
  readonly mapping: ObjectMapping;
  readonly accounts: Accounts;
  readonly findOwners: FindOwners;
  /** Without it an object is looked for by what it is called now, and by nothing else. */
  readonly findFormerKeys?: FindFormerKeys;
  readonly findAssociations: FindAssociations;
  /** Log sequence up to which exports are taken into account. */
  readonly basis: number;
}

/** The object's name for people. */
export function displayNameOf(mapping: ObjectMapping, attributes: AttributeBag): string | undefined {
  return textOf(attributes[mapping.displayName ?? 'displayName']) || undefined;
}

/** An object whose account may have to be found. */
export interface Wanted extends Sought {
  readonly change: Candidate['change'];
}

/** Whether the target has to be asked: for a person who should have an account, or has one. */
export function needsTarget({ change, attributes, linkedId }: Omit<Wanted, 'objectKey'>, mapping: ObjectMapping): boolean {
  return linkedId !== null || (change !== 'deleted' && isWanted(attributes, mapping));
}

/** Whether the rules want an account for an object with these attributes. */
export const isWanted = (attributes: AttributeBag, mapping: ObjectMapping): boolean =>
  evaluateWanted(mapping, attributes).inScope && isActive(mapping.active, attributes);

/**
 * Looks up what the target holds for each candidate, many at once, and says both halves; or why one could not be imported.
 * @throws ConnectorError when the target as a whole cannot be asked
 */
export async function importObjects(candidates: readonly Candidate[], context: ImportContext): Promise<Said[][]> {
  const { mapping, findAssociations, basis } = context;
  const span = { beganAt: spanNow() };
  const wanted = candidates.map(wantedOf);
  const answers = await findAccounts(wanted, context);
  const associations = await findAssociations(
    mapping,
    wanted.filter(({ objectKey }) => answers.has(objectKey)),
    wanted.filter(({ objectKey }) => !answers.has(objectKey)),
  );
  return candidates.map((candidate) => {
    const { objectKey } = candidate.facts;
    const answer = answers.get(objectKey);
    const { isDisabled = false, ...others } = associations.get(objectKey) ?? {};
    const more = { ...forDemand(others, candidate.facts), ...untoldOf(candidate, answer, mapping, isDisabled) };
    return sayCandidate(candidate, answer, more, basis).map((said) => ({ ...said, span }));
  });
}

/** What no write will tell of an account, and so has to be said. */
type Untold = Pick<TargetHalf, 'already' | 'reactivated'>;

/**
 * Whose account is not wanted may find it gone or disabled already, most often because the answer to a write was lost; whose account was disabled and is
 * wanted again may find that somebody has enabled it.
 */
function untoldOf({ change, attributes }: Candidate, answer: LookedUp | undefined, mapping: ObjectMapping, isDisabled: boolean): Untold {
  if (!answer || 'failure' in answer || answer.found.by !== 'link') return {};
  const [account] = answer.found.matches;
  if (change !== 'deleted' && isWanted(attributes, mapping)) return isDisabled && account?.state === 'active' ? { reactivated: true } : {};
  if (!account) return { already: 'gone' };
  return account.state === 'disabled' ? { already: 'disabled' } : {};
}

/** Whoever asks for a removal by name has changed his mind, whatever was rejected before. */
function forDemand(associations: Associations, { demand }: ObjectFacts): Associations {
  if (!demand?.allowRemoval) return associations;
  const { rejected: _, ...others } = associations;
  return others;
}

const wantedOf = ({ facts, change, attributes, linkedId }: Candidate): Wanted => ({
  objectKey: facts.objectKey,
  change,
  attributes,
  linkedId,
});

/**
 * Looks up what the target holds for each object that should have an account or has one, many at once. Objects without an answer need none.
 * @throws ConnectorError when the target as a whole cannot be asked
 */
export async function findAccounts(
  wanted: readonly Wanted[],
  context: Omit<ImportContext, 'basis' | 'findAssociations'>,
): Promise<Map<ObjectKey, LookedUp>> {
  const { mapping, accounts } = context;
  const sought = wanted.filter((each) => needsTarget(each, mapping));
  await accounts.prepare?.(
    sought.flatMap(({ linkedId }) => linkedId ?? []),
    sought.flatMap((each) => keysOf(each, mapping)),
  );
  const answers = new Map(
    await Promise.all(sought.map(async (each): Promise<[ObjectKey, LookedUp]> => [each.objectKey, await lookUp(each, mapping, accounts)])),
  );
  await refuseTakenAccounts(answers, context);
  await findUnderFormerKeys(answers, context);
  return answers;
}

/**
 * Who was called otherwise when an account was to be made for him, and whose account was not found under his name now, may have it under the one before.
 * Somebody else's account is left alone.
 */
async function findUnderFormerKeys(
  answers: Map<ObjectKey, LookedUp>,
  { mapping, accounts, findOwners, findFormerKeys }: Omit<ImportContext, 'basis' | 'findAssociations'>,
): Promise<void> {
  const nameless = [...answers].flatMap(([objectKey, answer]) =>
    'found' in answer && answer.found.by === 'none' ? [[objectKey, answer.found] as const] : [],
  );
  if (nameless.length === 0 || !findFormerKeys) return;
  const tried = new Map(nameless.map(([objectKey, found]) => [objectKey, found.tried as readonly MatchKey[]]));
  const claimed = new Set([...answers.values()].flatMap((answer) => ('found' in answer ? answer.found.matches.map(({ id }) => id) : [])));
  for (const [objectKey, keys] of await findFormerKeys(tried)) {
    const [, found] = nameless.find(([key]) => key === objectKey)!;
    const answer = await lookUpFormer(objectKey, found, keys, { mapping, accounts, findOwners, claimed });
    if ('found' in answer) for (const { id } of answer.found.matches) claimed.add(id);
    answers.set(objectKey, answer);
  }
}

async function lookUpFormer(
  objectKey: ObjectKey,
  found: Extract<LookedUp, { found: unknown }>['found'],
  keys: readonly MatchKey[],
  {
    mapping,
    accounts,
    findOwners,
    claimed,
  }: Pick<ImportContext, 'mapping' | 'accounts' | 'findOwners'> & {
    /** By others that are imported with it. */ readonly claimed: ReadonlySet<string>;
  },
): Promise<LookedUp> {
  try {
    await accounts.prepare?.([], keys);
    const { tried, account } = await byFormerKeys(keys, accounts);
    const isFree =
      account !== null &&
      !claimed.has(account.id) &&
      ((await findOwners(mapping.type, [account.id])).get(account.id) ?? objectKey) === objectKey;
    if (!isFree) return { found: { ...found, tried: [...found.tried, ...tried.map((each) => ({ ...each, found: 0 }))] } };
    return { found: { by: 'matching', tried: [...found.tried, ...tried], matches: [account], linkedId: null } };
  } catch (error) {
    if (stopsImport(error)) throw error;
    return { failure: failureOf(error as ConnectorError) };
  }
}

/** Two people never share an account: whoever is linked first keeps it, the other fails with both names. */
async function refuseTakenAccounts(
  answers: Map<ObjectKey, LookedUp>,
  { mapping, findOwners }: Pick<ImportContext, 'mapping' | 'findOwners'>,
): Promise<void> {
  const matched = [...answers].flatMap(([objectKey, answer]) =>
    'found' in answer && answer.found.by === 'matching' && answer.found.matches.length === 1
      ? [{ objectKey, targetId: answer.found.matches[0]!.id }]
      : [],
  );
  const owners = new Map(
    await findOwners(
      mapping.type,
      matched.map(({ targetId }) => targetId),
    ),
  );
  for (const { objectKey, targetId } of matched) {
    const owner = owners.get(targetId) ?? objectKey;
    owners.set(targetId, owner);
    if (owner === objectKey) continue;
    const message = `the account ${targetId} belongs to ${owner} already, and ${objectKey} matches it too: make the matching value unique, or correct it`;
    answers.set(objectKey, { failure: { kind: 'ambiguous-match', code: 'duplicate-source-entries', message } });
  }
}

function sayCandidate(
  candidate: Candidate,
  answer: LookedUp | undefined,
  more: Omit<Associations, 'isDisabled'> & Untold,
  basis: number,
): Said[] {
  const { facts, sourceId, change, attributes } = candidate;
  const id = (what: string): string => `${facts.changeId}.${what}.${facts.attempt}.${facts.round}`;
  const source = say(SourceObjectImported, id('source'), facts.objectKey, {
    ...facts,
    sourceId,
    change,
    attributes,
    targetFollows: answer !== undefined,
  });
  if (answer && 'failure' in answer) return [source, sayFailed(facts, sourceId, 'target', null, answer.failure)];
  return answer
    ? [source, say(TargetObjectImported, id('target'), facts.objectKey, { ...facts, ...answer.found, basis, ...more })]
    : [source];
}

/** An object of a kind that the job has no rules for any more: its source half alone, so that it is told what becomes of it. */
export function sayUnmapped(facts: ObjectFacts, sourceId: string | null, attributes: AttributeBag): Said {
  const data = { ...facts, sourceId: sourceId ?? '', change: 'again', attributes, targetFollows: false } as const;
  return say(SourceObjectImported, `${facts.changeId}.source.${facts.attempt}.${facts.round}`, facts.objectKey, data);
}

export function sayFailed(
  facts: ObjectFacts,
  sourceId: string | null,
  side: 'source' | 'target',
  place: string | null,
  failure: Failure,
): Said {
  return say(ObjectImportFailed, `${facts.changeId}.import.${facts.attempt}.${facts.round}`, facts.objectKey, {
    ...facts,
    sourceId,
    side,
    place,
    failure,
  });
}
