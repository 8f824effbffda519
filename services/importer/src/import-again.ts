import { type Said } from '@provident/bus';
import { ConnectorError, type SourceObject } from '@provident/connectors';
import type { Failure, ObjectFacts } from '@provident/contracts';
import { type JobId, asChangeId, asCycleId, partsOf, sourceAttributesOf } from '@provident/domain';

import { AskedAccounts } from './cycle/accounts.js';
import {
  type Candidate,
  type FindAssociations,
  type FindFormerKeys,
  type FindOwners,
  displayNameOf,
  importObjects,
  sayFailed,
  sayUnmapped,
} from './cycle/import-objects.js';
import { failureOf } from './cycle/look-up.js';
import type { Saying } from './job-writer.js';
import type { AgainRequest } from './state/fold-imports.js';
import type { KnownObject, SourceIndex } from './state/source-index.js';
import { type OpenSystems, type TypedSystems, systemsFor } from './systems.js';

export interface AgainPorts {
  readonly jobId: JobId;
  readonly systems: OpenSystems;
  readonly index: SourceIndex;
  readonly findOwners: FindOwners;
  readonly findFormerKeys: FindFormerKeys;
  readonly findAssociations: FindAssociations;
  readonly basis: number;
  readonly signal: AbortSignal;
}

interface Asked {
  readonly sequence: number;
  readonly request: AgainRequest;
}

/**
 * Imports objects again, with the newest values known of the source and what the target holds now: retries that are due, and decisions that were sent
 * back. One object at a time in each call.
 * @throws ConnectorError when the target as a whole cannot be asked
 */
export async function importAgain(asked: readonly Asked[], ports: AgainPorts): Promise<Saying[]> {
  const known = await ports.index.findObjects(asked.map(({ request }) => request.objectKey));
  const sayings: Saying[] = [];
  const candidates: CausedCandidate[] = [];
  for (const each of asked) {
    const candidate = await candidateOf(each.request, known.get(each.request.objectKey), ports);
    if ('said' in candidate) sayings.push({ said: candidate.said, cause: each.sequence });
    else candidates.push({ candidate, cause: each.sequence });
  }
  return [...sayings, ...(await importAllAgain(candidates, ports))];
}

/** A candidate, and the event that asks for it. */
export interface CausedCandidate {
  readonly candidate: Candidate;
  readonly cause: number;
}

/** Imports candidates of all kinds outside of a cycle's reading. @throws ConnectorError when the target as a whole cannot be asked */
export async function importAllAgain(candidates: readonly CausedCandidate[], ports: Omit<AgainPorts, 'index'>): Promise<Saying[]> {
  const { systems, findOwners, findFormerKeys, findAssociations, basis, signal } = ports;
  const sayings: Saying[] = [];
  for (const mapping of systems.mappings) {
    const some = candidates.filter(({ candidate }) => partsOf(candidate.facts.objectKey).objectType === mapping.type);
    const said = await importObjects(
      some.map(({ candidate }) => candidate),
      { mapping, accounts: new AskedAccounts({ ...systems, mapping }, signal), findOwners, findFormerKeys, findAssociations, basis },
    );
    sayings.push(...said.flatMap((each, at) => each.map((one): Saying => ({ said: one, cause: some[at]!.cause }))));
  }
  return sayings;
}

async function candidateOf(request: AgainRequest, known: KnownObject | undefined, ports: AgainPorts): Promise<Candidate | { said: Said }> {
  const { jobId, signal } = ports;
  const facts = factsOf(request, known, jobId, ports.systems.rules);
  const systems = systemsFor(ports.systems, partsOf(request.objectKey).objectType);
  if (!systems) return { said: sayUnmapped(facts, request.sourceId, known?.attributes ?? {}) };
  if (known && known.hash !== null) {
    const { sourceId, attributes, deleted, targetId } = known;
    return { facts, sourceId, change: deleted ? 'deleted' : 'again', attributes, linkedId: targetId };
  }
  // Its record could not be used so far: perhaps it can now.
  const anchor = request.sourceId ?? partsOf(request.objectKey).anchor;
  const found = request.sourceId === null ? noRecord : await findRecord(anchor, systems, signal);
  if ('failure' in found) return { said: sayFailed(facts, request.sourceId, 'source', null, found.failure) };
  const displayName = displayNameOf(systems.mapping, found.attributes);
  const named = displayName === undefined ? facts : { ...facts, displayName };
  return {
    facts: named,
    sourceId: anchor,
    change: known ? 'updated' : 'added',
    attributes: found.attributes,
    linkedId: known?.targetId ?? null,
  };
}

const noRecord: { readonly failure: Failure } = {
  failure: { kind: 'invalid-source', code: 'unreadable-record', message: 'the source still holds no usable record for it' },
};

/** The record as it is now, or why there is none; one that still cannot be used is no trouble of the others. */
async function findRecord(
  anchor: string,
  { source, mapping }: TypedSystems,
  signal: AbortSignal,
): Promise<SourceObject | { readonly failure: Failure }> {
  try {
    return (await source.find(mapping.source, anchor, sourceAttributesOf(mapping), signal)) ?? noRecord;
  } catch (error) {
    if (!(error instanceof ConnectorError) || signal.aborted) throw error;
    return { failure: failureOf(error) };
  }
}

function factsOf(
  { cycleId, changeId, objectKey, attempt, round, demand }: AgainRequest,
  known: KnownObject | undefined,
  jobId: JobId,
  rules: number,
): ObjectFacts {
  const asked = demand ? { demand } : {};
  const facts = { jobId, cycleId: asCycleId(cycleId), changeId: asChangeId(changeId), objectKey, rules, attempt, round, ...asked };
  return known?.displayName ? { ...facts, displayName: known.displayName } : facts;
}
