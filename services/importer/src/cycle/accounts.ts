import { ConnectorError, type MatchQuery, type TargetObject } from '@provident/connectors';
import type { MatchKey } from '@provident/domain';
import { targetAttributesOf } from '@provident/domain';

import type { TypedSystems } from '../systems.js';

/** How the importer finds accounts: by asking for each, or in a listing made beforehand. */
export interface Accounts {
  byId(id: string): Promise<TargetObject | null>;
  byKey(key: MatchKey): Promise<readonly TargetObject[]>;
  /** Told of a page before its objects are asked for. */
  prepare?(ids: readonly string[], keys: readonly MatchKey[]): Promise<void>;
}

/** Asks the target for each account. */
export class AskedAccounts implements Accounts {
  private readonly attributes: readonly string[];

  constructor(
    private readonly systems: TypedSystems,
    private readonly signal: AbortSignal,
  ) {
    this.attributes = targetAttributesOf(systems.mapping);
  }

  byId(id: string): Promise<TargetObject | null> {
    const { gate, target, mapping } = this.systems;
    return gate.pass(() => target.read(mapping.target, id, this.attributes, this.signal), this.signal);
  }

  byKey({ attribute, value }: MatchKey): Promise<readonly TargetObject[]> {
    const { gate, target, mapping } = this.systems;
    const query: MatchQuery = { objectType: mapping.target, attribute, value };
    return gate.pass(() => target.find(query, this.attributes, this.signal), this.signal);
  }
}

/** Failures of a look-up that say nothing of the object: the whole import stops. */
export const stopsImport = (error: unknown): boolean =>
  !(error instanceof ConnectorError) ||
  ['unauthorized', 'protocol', 'misconfigured'].includes(error.kind) ||
  error.message.startsWith('not tried');
