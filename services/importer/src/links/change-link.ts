import { randomUUID } from 'node:crypto';

import { type Said, say } from '@provident/bus';
import { ConnectorError, type TargetObject } from '@provident/connectors';
import { type CommandAnswer, type ConnectionOrder, LinkRemoved, LinkRepaired, type LinkTarget } from '@provident/contracts';
import { type JobId, type ObjectKey, type ObjectType, objectKeyOf, objectTypes, partsOf } from '@provident/domain';

import { AskedAccounts } from '../cycle/accounts.js';
import { type FindOwners, isWanted } from '../cycle/import-objects.js';
import type { JobWriter } from '../job-writer.js';
import type { KnownObject, SourceIndex } from '../state/source-index.js';
import { type OpenSystems, type TypedSystems, systemsFor } from '../systems.js';

export interface LinkPorts {
  readonly jobId: JobId;
  readonly index: SourceIndex;
  readonly writer: JobWriter;
  readonly findOwners: FindOwners;
  readonly openSystems: (signal: AbortSignal) => Promise<OpenSystems>;
  /** Resolves once everything that the log holds is in the index: also accounts that were made a moment ago. */
  readonly foldedWhole: () => Promise<void>;
  readonly foldedTo: (sequence: number) => Promise<void>;
}

/** It is not done, and why. */
class Refused extends Error {
  override readonly name = 'Refused';
}

/** Takes links away and sets them, as a person orders, one order after another. Nothing is written to the target. */
export class Links {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly ports: LinkPorts) {}

  change(order: ConnectionOrder, signal: AbortSignal): Promise<CommandAnswer> {
    const done = this.turn.then(() => this.carryOut(order, signal));
    this.turn = done.catch(() => undefined); // told to whoever asked
    return done;
  }

  private async carryOut(order: ConnectionOrder, signal: AbortSignal): Promise<CommandAnswer> {
    try {
      const known = await this.find(order.subject);
      return order.order === 'remove' ? await this.remove(known, order) : await this.repair(known, order, signal);
    } catch (error) {
      if (error instanceof Refused) return refused(error.message);
      if (error instanceof ConnectorError) return refused(`the target cannot be asked: ${error.message}`);
      throw error;
    }
  }

  private async find({ objectType, id }: ConnectionOrder['subject']): Promise<KnownObject> {
    const { index, foldedWhole, jobId } = this.ports;
    if (!isType(objectType)) throw new Refused(`there are no "${objectType}" objects, only ${objectTypes.join(' and ')}`);
    await foldedWhole();
    const bySource = await this.byAnchor(objectType, id);
    if (bySource) return bySource;
    const anchor = await index.findAnchorOf(objectType, id);
    const byTarget = anchor === null ? null : await this.byAnchor(objectType, anchor);
    if (byTarget) return byTarget;
    throw new Refused(`job "${jobId}" knows no ${objectType} "${id}", neither by the id in the source nor by that of a linked account`);
  }

  private async byAnchor(objectType: ObjectType, anchor: string): Promise<KnownObject | null> {
    const key = objectKeyOf(objectType, anchor);
    return (await this.ports.index.findObjects([key])).get(key) ?? null;
  }

  private async remove(known: KnownObject, { by }: ConnectionOrder): Promise<CommandAnswer> {
    const { targetId } = known;
    if (targetId === null) return done(`${called(known)} is linked to no account: nothing was done`, known, null, false);
    await this.say(known, (id, facts) => say(LinkRemoved, id, known.objectKey, { ...facts, targetId, by }));
    const what = `${called(known)} is not linked to ${targetId} any more: the next cycle looks for the account by the matching rules`;
    return done(what, known, null, true);
  }

  private async repair(
    known: KnownObject,
    { by, to }: Extract<ConnectionOrder, { order: 'repair' }>,
    signal: AbortSignal,
  ): Promise<CommandAnswer> {
    const objectType = partsOf(known.objectKey).objectType as ObjectType;
    const systems = systemsFor(await this.ports.openSystems(signal), objectType);
    if (!systems) throw new Refused(`job "${this.ports.jobId}" has no rules for ${objectType} objects`);
    const { id: targetId, state } = await findAccount(to, systems, signal);
    if (targetId === known.targetId)
      return done(`${called(known)} is linked to ${targetId} already: nothing was done`, known, targetId, false);
    const owner = (await this.ports.findOwners(objectType, [targetId])).get(targetId);
    if (owner !== undefined && owner !== known.objectKey)
      throw new Refused(`the account ${targetId} is linked to ${owner}: take that link away first, or choose another account`);
    const wanted = !known.deleted && isWanted(known.attributes, systems.mapping);
    await this.say(known, (id, facts) =>
      say(LinkRepaired, id, known.objectKey, { ...facts, targetId, state, wanted, formerId: known.targetId, by }),
    );
    const before = known.targetId === null ? '' : ` instead of ${known.targetId}`;
    const what = `${called(known)} is linked to ${targetId}${before}: the next cycle brings that account in step`;
    return done(what, known, targetId, true);
  }

  private async say({ objectKey, sourceId, displayName }: KnownObject, what: (id: string, facts: LinkFacts) => Said): Promise<void> {
    const { jobId, writer, foldedTo } = this.ports;
    const facts = { jobId, objectKey, sourceId, ...(displayName !== null && { displayName }) };
    await foldedTo(await writer.appendLink({ said: what(`link-${randomUUID()}`, facts), cause: 0 }));
  }
}

interface LinkFacts {
  readonly jobId: JobId;
  readonly objectKey: ObjectKey;
  readonly sourceId: string;
  readonly displayName?: string;
}

/** The one account that is meant. @throws Refused when there is none, or several; ConnectorError when the target cannot be asked */
async function findAccount(to: LinkTarget, systems: TypedSystems, signal: AbortSignal): Promise<TargetObject> {
  const accounts = new AskedAccounts({ ...systems, gate: systems.gate.forDemand() }, signal);
  if ('targetId' in to) {
    const account = await accounts.byId(to.targetId);
    if (!account)
      throw new Refused(`the target has no account with the id "${to.targetId}": look it up there, or name it by a matching value`);
    return account;
  }
  const attribute = matchingAttribute(to.attribute, systems);
  const [account, ...others] = await accounts.byKey({ attribute, value: to.value });
  if (!account) throw new Refused(`no account of the target has ${attribute} "${to.value}"`);
  if (others.length > 0)
    throw new Refused(
      `${others.length + 1} accounts have ${attribute} "${to.value}" (${[account, ...others].map(({ id }) => id).join(', ')}): name one by its id`,
    );
  return account;
}

function matchingAttribute(wanted: string | undefined, { mapping }: TypedSystems): string {
  const matching = mapping.attributes.filter((each) => each.matching !== undefined).sort((one, other) => one.matching! - other.matching!);
  const names = matching.map(({ target }) => target);
  const found = wanted === undefined ? names[0] : names.find((name) => name.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found;
  if (names.length === 0) throw new Refused('the job has no matching attribute: name the account by its id');
  throw new Refused(`"${wanted}" is no matching attribute of the job; these are: ${names.join(', ')}`);
}

const isType = (text: string): text is ObjectType => (objectTypes as readonly string[]).includes(text);
const called = ({ objectKey, displayName }: KnownObject): string => (displayName === null ? objectKey : `${displayName} (${objectKey})`);
const refused = (message: string): CommandAnswer => ({ ok: false, message, issues: [], result: {} });

function done(message: string, { objectKey, sourceId }: KnownObject, targetId: string | null, changed: boolean): CommandAnswer {
  return { ok: true, message, issues: [], result: { objectKey, sourceId, targetId, changed } };
}
