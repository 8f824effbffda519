import { type AttributeValue, type Member, type MemberChanges, textOf } from '@provident/domain';

import { ConnectorError } from '../connector-error.js';
import { isKind, placeOf, type ScimApi } from './api.js';
import type { ScimTargetConfig } from './config.js';
import { isList, isObject, type ScimObject, valueOf } from './paths.js';
import { mergeIntoResource } from './resource.js';

const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/**
 * Adds members to a group and takes members out, and never tells the whole list where the target has PATCH. Who is a member already, or none any more,
 * is where the change wants to be: a refusal for that reason is looked into, half by half, until it is known who it is about.
 */
export class MembersWriter {
  /** Found out on the way: the target has no PATCH. */
  private hasNoPatch = false;

  constructor(
    private readonly api: ScimApi,
    private readonly config: Pick<ScimTargetConfig, 'patch' | 'removeMembers'>,
    /** Whether the target declares that it has no PATCH. */
    private readonly lacksPatch: (signal: AbortSignal) => Promise<boolean>,
  ) {}

  async change(endpoint: string, id: string, changes: MemberChanges, signal: AbortSignal): Promise<void> {
    if (changes.add.length + changes.remove.length === 0) return;
    if (await this.usesPut(signal)) return this.put(endpoint, id, changes, signal);
    try {
      await this.patch(endpoint, id, changes, signal);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const { status } = error.facts;
      if (this.config.patch === 'auto' && (status === 405 || status === 501)) {
        await this.put(endpoint, id, changes, signal);
        this.hasNoPatch = true;
      } else if (isKind(error, 'gone')) await this.tellApart(endpoint, id, changes, error, signal);
      else if (isAboutSomebody(error)) await this.halve(endpoint, id, changes, error, signal);
      else throw error;
    }
  }

  /** The part that was refused may be one member who is where the change wants him to be. */
  private async halve(
    endpoint: string,
    id: string,
    { add, remove }: MemberChanges,
    error: ConnectorError,
    signal: AbortSignal,
  ): Promise<void> {
    if (add.length + remove.length === 1) {
      const isDone = remove.length === 1 ? isNotThere(error) : isKind(error, 'conflict');
      if (isDone) return;
      throw error;
    }
    for (const half of add.length > 0 && remove.length > 0
      ? [
          { add: [], remove },
          { add, remove: [] },
        ]
      : halves({ add, remove }))
      await this.change(endpoint, id, half, signal);
  }

  private async patch(endpoint: string, id: string, { add, remove }: MemberChanges, signal: AbortSignal): Promise<void> {
    const operations: ScimObject[] = [...this.removals(remove)];
    if (add.length > 0) operations.push({ op: 'add', path: 'members', value: add.map(valueOfMember) });
    // Many servers answer with the group and all of its members, of which there may be more than an answer may hold. To ask for less is no way out:
    // there is a server that then keeps only what it shows.
    const body = { schemas: [patchUrn], Operations: operations };
    await this.api.write({ method: 'PATCH', path: placeOf(endpoint, id), body, skipsLargeAnswer: true }, signal);
  }

  private removals(remove: readonly Member[]): ScimObject[] {
    if (remove.length === 0) return [];
    if (this.config.removeMembers === 'value') return [{ op: 'remove', path: 'members', value: remove.map(valueOfMember) }];
    return remove.map((member) => ({ op: 'remove', path: `members[value eq ${JSON.stringify(member.id)}]` }));
  }

  /** Built on a fresh read of the whole group: there is no other way to a target without PATCH. */
  private async put(endpoint: string, id: string, { add, remove }: MemberChanges, signal: AbortSignal): Promise<void> {
    const resource = await this.api.read(endpoint, id, signal, 'whole');
    if (!resource)
      throw new ConnectorError({ kind: 'gone', code: 'http-404', message: `The target has no group with the id ${id}.`, status: 404 });
    const held = valueOf(resource.content, 'members');
    const leaving = new Set([...add, ...remove].map((member) => member.id));
    const staying = (isList(held) ? held : []).filter((item) => !leaving.has(idOfMember(item)));
    const members = [...staying, ...add.map(valueOfMember)];
    const body = { ...mergeIntoResource(resource.content, []), members };
    await this.api.write({ method: 'PUT', path: placeOf(endpoint, id), body }, signal);
  }

  /** A 404 may be the group's, that of somebody who is to be a member, or that of PATCH itself: then the whole group is still taken. */
  private async tellApart(endpoint: string, id: string, changes: MemberChanges, error: ConnectorError, signal: AbortSignal): Promise<void> {
    if ((await this.api.read(endpoint, id, signal)) === null) throw error;
    const message = `The group is there, but the target answers a change of its members with 404: ${error.message}`;
    const refusal = new ConnectorError({ ...error.facts, kind: 'rejected', message }, { cause: error });
    if (this.config.patch !== 'auto') throw refusal;
    await this.put(endpoint, id, changes, signal).catch((failure: unknown) => {
      throw isKind(failure, 'rejected', 'forbidden', 'gone') ? refusal : failure;
    });
  }

  private async usesPut(signal: AbortSignal): Promise<boolean> {
    if (this.config.patch !== 'auto') return this.config.patch === 'never';
    return this.hasNoPatch || (await this.lacksPatch(signal));
  }
}

const isNotThere = (error: ConnectorError): boolean => error.facts.code.endsWith('-no-target');
const isAboutSomebody = (error: ConnectorError): boolean => isNotThere(error) || isKind(error, 'conflict');

const valueOfMember = ({ id }: Member): { value: string } => ({ value: id });
export const idOfMember = (item: AttributeValue): string => textOf(isObject(item) ? valueOf(item, 'value') : item);

function halves({ add, remove }: MemberChanges): MemberChanges[] {
  const middle = (some: readonly Member[]): number => Math.ceil(some.length / 2);
  return [
    { add: add.slice(0, middle(add)), remove: remove.slice(0, middle(remove)) },
    { add: add.slice(middle(add)), remove: remove.slice(middle(remove)) },
  ];
}
