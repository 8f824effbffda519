import { randomUUID } from 'node:crypto';

import { type AttributeValue, isEmptyValue, textOf } from '@provident/domain';

import type { MatchQuery } from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import type { ScimList, ScimResource } from './answers.js';
import { endpointOf, isKind, type ScimApi } from './api.js';
import { parsePath, readPath } from './paths.js';

/** Attributes whose letter case counts (RFC 7643, 3.1); all others are compared without it. */
const caseExact = new Set(['id', 'externalid']);

/** Looks accounts up by one value, and never trusts that what came is what was asked for. */
export class Lookup {
  /** By attribute: the form of its filter that the target takes. */
  private readonly form = new Map<string, number>();
  /** Attributes for which a value that nobody has was seen to find nobody. */
  private readonly honoured = new Set<string>();

  constructor(private readonly api: ScimApi) {}

  async find({ objectType, attribute, value }: MatchQuery, signal: AbortSignal): Promise<ScimResource[]> {
    const endpoint = endpointOf(objectType);
    const literal = filterLiteral(attribute, value);
    const forms = filterForms(attribute);
    for (let at = this.form.get(attribute) ?? 0; ; at += 1) {
      try {
        const list = await this.ask(endpoint, forms[at]!, literal, signal);
        this.form.set(attribute, at);
        return await this.verified(endpoint, { attribute, asked: forms[at]!, value }, list, signal);
      } catch (error) {
        const isLast = at === forms.length - 1;
        if (!isFilterRefusal(error)) throw error;
        if (isLast) throw await this.refusalOf(endpoint, attribute, forms[at]!, error, signal);
      }
    }
  }

  /** Some servers answer a look-up that finds nothing with 404. */
  private async ask(endpoint: string, path: string, literal: string, signal: AbortSignal): Promise<ScimList> {
    try {
      return await this.api.list(endpoint, `filter=${encodeURIComponent(`${path} eq ${literal}`)}`, signal);
    } catch (error) {
      if (!isKind(error, 'gone')) throw error;
      await this.api.requireAlive(endpoint, error, signal);
      return { totalResults: 0, resources: [] };
    }
  }

  /**
   * The objects that hold the wanted value. An object that does not show the attribute counts if the target is seen to filter by it.
   * @throws ConnectorError `protocol` when objects came and none is the wanted one: adopting or missing an account would both be wrong
   */
  private async verified(
    endpoint: string,
    query: Asked,
    { totalResults, resources }: ScimList,
    signal: AbortSignal,
  ): Promise<ScimResource[]> {
    if (resources.length === 0) {
      if (totalResults !== null && totalResults > 0) await this.requireOtherTotals(endpoint, query.asked, totalResults, signal);
      return [];
    }
    const told = resources.map((resource) => ({ resource, claim: claimOf(resource, query) }));
    const right = told.filter(({ claim }) => claim === 'equal');
    const silent = told.filter(({ claim }) => claim === 'silent');
    if (right.length === 0 || silent.length > 0) await this.requireFilter(endpoint, query.asked, signal);
    if (right.length === 0 && silent.length === 0) throw matchDiffers(query, resources[0]!);
    return [...right, ...silent]
      .map(({ resource }) => resource)
      .filter(
        (resource) => query.asked === query.attribute || isEqual(query.attribute, readPath(resource.content, query.attribute), query.value),
      );
  }

  /** A count without objects means nobody only where a value that nobody has is counted too: such a target counts something else. */
  private async requireOtherTotals(endpoint: string, path: string, promised: number, signal: AbortSignal): Promise<void> {
    const control = await this.askForNobody(endpoint, path, signal);
    if ((control.totalResults ?? 0) === 0) throw matchWithheld(path, promised);
  }

  private askForNobody(endpoint: string, path: string, signal: AbortSignal): Promise<ScimList> {
    return this.ask(endpoint, path, JSON.stringify(`provident-${randomUUID()}`), signal);
  }

  private async requireFilter(endpoint: string, path: string, signal: AbortSignal): Promise<void> {
    if (this.honoured.has(path)) return;
    const control = await this.askForNobody(endpoint, path, signal);
    if (control.resources.length > 0) throw filterIgnored(path);
    this.honoured.add(path);
  }

  /** One value that the target cannot take is that object's trouble; an attribute that it cannot filter by is the job's. */
  private async refusalOf(
    endpoint: string,
    attribute: string,
    path: string,
    error: ConnectorError,
    signal: AbortSignal,
  ): Promise<ConnectorError> {
    const isUsable = await this.ask(endpoint, path, '"provident-probe"', signal).then(
      () => true,
      (failure: unknown) => {
        if (isFilterRefusal(failure)) return false;
        throw failure;
      },
    );
    const message = isUsable
      ? `The target cannot look for this value of ${attribute}: ${error.message}`
      : `The target cannot look accounts up by ${attribute}: ${error.message}`;
    return new ConnectorError({ ...error.facts, kind: isUsable ? 'rejected' : 'misconfigured', message, attribute }, { cause: error });
  }
}

interface Asked {
  readonly attribute: string;
  /** The path that was filtered by; looser than the attribute where the target does not take that. */
  readonly asked: string;
  readonly value: AttributeValue;
}

/** `emails[type eq "work"].value`, then `emails.value`, then `emails`. */
function filterForms(attribute: string): string[] {
  const at = parsePath(attribute);
  if (at.element === null || at.sub === null) return [attribute];
  const base = attribute.slice(0, attribute.indexOf('['));
  return [attribute, `${base}.${at.sub}`, base];
}

const isFilterRefusal = (error: unknown): error is ConnectorError =>
  isKind(error, 'rejected', 'misconfigured') || (isKind(error, 'forbidden') && error.facts.status === 501);

function filterLiteral(attribute: string, value: AttributeValue): string {
  if (!isEmptyValue(value) && typeof value !== 'object') return JSON.stringify(value);
  throw new ConnectorError({
    kind: 'rejected',
    code: 'bad-match-value',
    message: `Accounts cannot be looked up by ${attribute} without a single value.`,
    attribute,
  });
}

function claimOf({ content }: ScimResource, { asked, value }: Asked): 'equal' | 'silent' | 'other' {
  const at = parsePath(asked);
  const bare = at.element === null && at.sub === null;
  const held = readPath(content, asked);
  if (held === undefined) return 'silent';
  return isEqual(asked, held, value) || (bare && isEqual(`${asked}.value`, readPath(content, `${asked}.value`), value)) ? 'equal' : 'other';
}

function isEqual(path: string, held: AttributeValue | undefined, wanted: AttributeValue): boolean {
  if (Array.isArray(held)) return held.some((item: AttributeValue) => isEqual(path, item, wanted));
  if (held === undefined || held === null || typeof held === 'object') return false;
  const fold = caseExact.has(path.toLowerCase()) ? (text: string) => text.normalize() : (text: string) => text.normalize().toLowerCase();
  return fold(String(held)) === fold(textOf(wanted));
}

function filterIgnored(path: string): ConnectorError {
  return new ConnectorError({
    kind: 'protocol',
    code: 'filter-ignored',
    message: `The target ignores the filter on ${path}: it answered a look-up for a value that nobody has with accounts. None of them was taken.`,
    attribute: path,
  });
}

function matchWithheld(path: string, promised: number): ConnectorError {
  return new ConnectorError({
    kind: 'protocol',
    code: 'match-withheld',
    message: `The target says that ${promised} account(s) match by ${path} and shows none: nobody is taken for absent because of that.`,
    attribute: path,
  });
}

function matchDiffers({ asked }: Asked, { id }: ScimResource): ConnectorError {
  return new ConnectorError({
    kind: 'protocol',
    code: 'match-differs',
    message: `The target found account ${id} by ${asked}, but that account holds another value there. It was not taken.`,
    attribute: asked,
  });
}
