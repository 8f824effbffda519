import type { EventLog } from '@provident/bus';
import type { Demand, ObjectFacts } from '@provident/contracts';
import { type JobId, type ObjectKey, type ObjectType, asCycleId, objectKeyOf, sourceAttributesOf } from '@provident/domain';

import { AskedAccounts } from '../cycle/accounts.js';
import { changeIdOf } from '../cycle/change-id.js';
import {
  type Candidate,
  type FindAssociations,
  type FindFormerKeys,
  type FindOwners,
  displayNameOf,
  importObjects,
} from '../cycle/import-objects.js';
import type { JobWriter } from '../job-writer.js';
import { contentHash } from '../state/content-hash.js';
import type { KnownObject, SourceIndex } from '../state/source-index.js';
import type { OpenSystems, Typed } from '../systems.js';
import type { DemandReads, DemandRead } from './demand-reads.js';

export interface DemandPorts {
  readonly jobId: JobId;
  readonly log: EventLog;
  readonly index: SourceIndex;
  readonly writer: JobWriter;
  readonly reads: DemandReads;
  readonly findOwners: FindOwners;
  readonly findFormerKeys: FindFormerKeys;
  readonly findAssociations: FindAssociations;
  /** Resolves once everything that was said of the object so far is in the index. */
  readonly foldedOf: (objectKey: ObjectKey) => Promise<void>;
  /** Resolves once everything up to that sequence is in the index. */
  readonly foldedTo: (sequence: number) => Promise<void>;
  /** Position of the log up to which the index is folded. */
  readonly basis: () => number;
}

/** An object that somebody asked for, and the request that it belongs to. */
export interface Demanded {
  readonly requestId: string;
  readonly objectType: ObjectType;
  readonly anchor: string;
  readonly demand: Demand;
  /** 0 at first, one more each time the exporter sent the decision back. */
  readonly round: number;
  /** Log sequence of what sent it back; 0 at first. */
  readonly cause: number;
}

const mostReads = 5;

/** The way of an object through one request; the same in each of its rounds. */
export const demandedChange = (requestId: string, objectKey: ObjectKey) => changeIdOf(requestId, objectKey);

/**
 * Reads one object as it is now, finds its account, and says both on the demand lane. Reads anew when others said values of it meanwhile that may be
 * newer.
 * @returns the sequence of the last thing said, or null when neither the source nor the index knows the object
 * @throws ConnectorError when a system cannot be asked, or the record cannot be used
 */
export async function importDemanded(
  asked: Demanded,
  systems: Typed<OpenSystems>,
  ports: DemandPorts,
  signal: AbortSignal,
): Promise<number | null> {
  const objectKey = objectKeyOf(systems.mapping.type, asked.anchor);
  for (let attempt = 1; ; attempt++) {
    const read = ports.reads.begin(objectKey);
    try {
      const said = await readAndSay(asked, read, systems, ports, signal, attempt < mostReads);
      if (said !== 'overtaken') return said;
    } finally {
      ports.reads.end(read);
    }
  }
}

async function readAndSay(
  asked: Demanded,
  read: DemandRead,
  systems: Typed<OpenSystems>,
  ports: DemandPorts,
  signal: AbortSignal,
  mayReadAgain: boolean,
): Promise<number | null | 'overtaken'> {
  const { index, writer, reads, findOwners, findFormerKeys, findAssociations } = ports;
  const { objectKey } = read;
  await ports.foldedOf(objectKey);
  const basis = ports.basis(); // before anything is looked at: what is exported in between must not count as known
  const { source, mapping } = systems;
  const record = await source.find(mapping.source, asked.anchor, sourceAttributesOf(mapping), signal);
  const known = (await index.findObjects([objectKey])).get(objectKey);
  const candidate = candidateOf(asked, record?.attributes ?? null, known, objectKey, systems, ports.jobId);
  if (!candidate) return null;
  const accounts = new AskedAccounts({ ...systems, gate: systems.gate.forDemand() }, signal);
  const [said] = await importObjects([candidate], { mapping, accounts, findOwners, findFormerKeys, findAssociations, basis });
  const cycle = await index.findOpenCycle();
  if (cycle && record) await index.markSeen(cycle.opened.cycleId, [objectKey]); // who came after the cycle's reading began is not absent from it
  signal.throwIfAborted();
  if (reads.isOvertaken(read) && mayReadAgain) return 'overtaken';
  reads.say(read);
  const sequence = await writer.appendOnDemand(said!.map((each) => ({ said: each, cause: asked.cause })));
  reads.wasSaid(read, sequence);
  return sequence;
}

function candidateOf(
  { requestId, anchor, demand, round }: Demanded,
  attributes: Candidate['attributes'] | null,
  known: KnownObject | undefined,
  objectKey: ObjectKey,
  { mapping, rules }: Typed<OpenSystems>,
  jobId: JobId,
): Candidate | null {
  if (attributes === null && (!known || (known.deleted && known.targetId === null))) return null;
  const name = attributes === null ? (known?.displayName ?? undefined) : displayNameOf(mapping, attributes);
  const facts: ObjectFacts = {
    jobId,
    cycleId: asCycleId(requestId),
    changeId: demandedChange(requestId, objectKey),
    objectKey,
    rules,
    attempt: 0,
    round,
    ...(name === undefined ? {} : { displayName: name }),
    demand,
  };
  const linkedId = known?.targetId ?? null;
  if (attributes === null) return { facts, sourceId: anchor, change: 'deleted', attributes: known!.attributes, linkedId };
  const isNew = !known || known.deleted;
  const change = isNew ? 'added' : known.hash === contentHash(attributes) ? 'again' : 'updated';
  return { facts, sourceId: anchor, change, attributes, linkedId };
}
