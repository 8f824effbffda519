import { type AttributeChange, type AttributeValue, textOf } from '@provident/domain';

import { ConnectorError } from '../connector-error.js';
import { isKind, placeOf, type ScimApi } from './api.js';
import type { ScimAnswer } from './client.js';
import type { ScimTargetConfig } from './config.js';
import { needsCurrent, type PatchOperation, patchOperations } from './patch.js';
import { type ScimObject, valueOf } from './paths.js';
import { mergeIntoResource } from './resource.js';

const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** Writes changes in the way that the target takes, and remembers which one that is. */
export class Updater {
  /** Found out on the way: `put` has no PATCH, `bare` takes `active` only without a path. */
  private learnt: { put?: true; bare?: true } = {};

  constructor(
    private readonly api: ScimApi,
    private readonly mode: ScimTargetConfig['patch'],
    /** Whether the target declares that it has no PATCH. */
    private readonly lacksPatch: (signal: AbortSignal) => Promise<boolean>,
  ) {}

  async update(endpoint: string, id: string, changes: readonly AttributeChange[], signal: AbortSignal): Promise<void> {
    if (changes.length === 0) return;
    if (await this.usesPut(signal)) return this.put(endpoint, id, changes, signal);
    const current = needsCurrent(changes) ? await this.current(endpoint, id, signal) : null;
    const operations = patchOperations(changes, current);
    if (operations.length === 0) return;
    let answer: ScimAnswer;
    try {
      answer = await this.patch(endpoint, id, operations, signal);
    } catch (error) {
      return this.fallBack(endpoint, id, changes, error, signal);
    }
    await this.requireApplied(endpoint, id, changes, answer, signal);
  }

  /**
   * An answer that shows the account as it was may be an old one: the account itself is asked before anybody is told that nothing was done. It is this account's failure
   * alone: many targets leave some attributes as they are without a word.
   */
  private async requireApplied(
    endpoint: string,
    id: string,
    changes: readonly AttributeChange[],
    { json, status }: ScimAnswer,
    signal: AbortSignal,
  ): Promise<void> {
    if (!json || !changes.some((change) => isAsBefore(json, change))) return;
    const now = await this.api.read(endpoint, id, signal, 'whole');
    const left = now && changes.find((change) => isAsBefore(now.content, change));
    if (!left) return;
    throw new ConnectorError({
      kind: 'rejected',
      code: 'not-applied',
      message: `The target answered ${status}, but the account's "${left.attribute}" is what it was before.`,
      status,
      attribute: left.attribute,
    });
  }

  async setActive(endpoint: string, id: string, active: boolean, signal: AbortSignal): Promise<void> {
    const changes: AttributeChange[] = [{ attribute: 'active', old: !active, new: active }];
    if (await this.usesPut(signal)) return this.put(endpoint, id, changes, signal);
    const operation: PatchOperation = this.learnt.bare
      ? { op: 'replace', value: { active } }
      : { op: 'replace', path: 'active', value: active };
    try {
      requireActive(await this.patch(endpoint, id, [operation], signal), active);
    } catch (error) {
      if (this.mode === 'auto' && !this.learnt.bare && isKind(error, 'rejected'))
        return this.setActiveBare(endpoint, id, active, changes, error, signal);
      await this.fallBack(endpoint, id, changes, error, signal);
    }
  }

  /** Some servers take `active` only in an operation without a path. */
  private async setActiveBare(
    endpoint: string,
    id: string,
    active: boolean,
    changes: AttributeChange[],
    refusal: ConnectorError,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      requireActive(await this.patch(endpoint, id, [{ op: 'replace', value: { active } }], signal), active);
      this.learnt.bare = true;
    } catch (error) {
      if (!isKind(error, 'rejected')) throw error;
      await this.putAfter(refusal, endpoint, id, changes, signal);
    }
  }

  /** PUT where PATCH is not known (404, 405, 501), or where the target did not find what the operation names. */
  private async fallBack(
    endpoint: string,
    id: string,
    changes: readonly AttributeChange[],
    error: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    if (!(error instanceof ConnectorError)) throw error;
    if (this.mode !== 'auto') return this.tellApart(endpoint, id, error, signal);
    const { status, code } = error.facts;
    const isUnknown = status === 404 || status === 405 || status === 501;
    if (!isUnknown && !/-(no-target|invalid-path)$/.test(code)) throw error;
    if (isUnknown) await this.put(endpoint, id, changes, signal);
    else await this.putAfter(error, endpoint, id, changes, signal);
    if (isUnknown) this.learnt.put = true;
  }

  /** The last try with an account that the target refused to change: if that is refused too, the first refusal says more. */
  private async putAfter(
    refusal: ConnectorError,
    endpoint: string,
    id: string,
    changes: readonly AttributeChange[],
    signal: AbortSignal,
  ): Promise<void> {
    await this.put(endpoint, id, changes, signal).catch((error: unknown) => {
      throw isKind(error, 'rejected', 'forbidden') ? refusal : error;
    });
  }

  /** Without a fallback, a 404 is the account's only if the account is gone. */
  private async tellApart(endpoint: string, id: string, error: ConnectorError, signal: AbortSignal): Promise<never> {
    if (isKind(error, 'gone') && (await this.api.read(endpoint, id, signal)) !== null) {
      throw new ConnectorError(
        {
          ...error.facts,
          kind: 'forbidden',
          message: `The account is there, but the target answers a PATCH of it with ${error.facts.status}.`,
        },
        { cause: error },
      );
    }
    throw error;
  }

  private async patch(endpoint: string, id: string, operations: readonly PatchOperation[], signal: AbortSignal): Promise<ScimAnswer> {
    const body = { schemas: [patchUrn], Operations: operations as unknown as ScimObject[] };
    return this.api.write({ method: 'PATCH', path: placeOf(endpoint, id), body }, signal);
  }

  /** Built on a fresh read, so that what is not mapped survives. */
  private async put(endpoint: string, id: string, changes: readonly AttributeChange[], signal: AbortSignal): Promise<void> {
    const body = mergeIntoResource(await this.current(endpoint, id, signal, 'whole'), changes);
    await this.api.write({ method: 'PUT', path: placeOf(endpoint, id), body }, signal);
  }

  private async current(endpoint: string, id: string, signal: AbortSignal, part?: 'whole'): Promise<ScimObject> {
    const resource = await this.api.read(endpoint, id, signal, part);
    if (resource) return resource.content;
    throw new ConnectorError({ kind: 'gone', code: 'http-404', message: `The target has no object with the id ${id}.`, status: 404 });
  }

  private async usesPut(signal: AbortSignal): Promise<boolean> {
    if (this.mode !== 'auto') return this.mode === 'never';
    return this.learnt.put === true || (await this.lacksPatch(signal));
  }
}

/** Whether the account still holds one plain value in place of another; what is not shown says nothing, and a target may write letters in its own case. */
function isAsBefore(account: ScimObject, { attribute, old, new: wanted }: AttributeChange): boolean {
  const held = valueOf(account, attribute);
  return isPlain(held) && isPlain(old) && isPlain(wanted) && held === old && folded(held) !== folded(wanted);
}

const folded = (value: string | number | boolean): string => String(value).trim().toLowerCase();

const isPlain = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value);

/** A target that answers with the account shows whether it did what it was told. */
function requireActive({ json, status }: ScimAnswer, wanted: boolean): void {
  const held = json ? valueOf(json, 'active') : undefined;
  if (held === undefined || held === wanted || textOf(held as AttributeValue).toLowerCase() === String(wanted)) return;
  throw new ConnectorError({
    kind: 'protocol',
    code: 'not-applied',
    message: `The target answered ${status}, but the account's "active" is still ${textOf(held as AttributeValue)}.`,
    status,
    attribute: 'active',
  });
}
