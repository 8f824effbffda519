/**
 * Why a system refused or failed, named by what happens next:
 * - `throttled`: asked to slow down; wait `retryAfterMs`, nothing is lost
 * - `unavailable`: time-out, connection fault, 5xx; worth another try shortly
 * - `rejected`: this object as it is will never be taken
 * - `conflict`: a unique value is taken; look it up, adopt it or escrow
 * - `gone`: the object that was addressed is no longer there
 * - `unauthorized`: the connection's credentials or rights are bad; nothing will work
 * - `forbidden`: this one object or operation is not allowed
 * - `protocol`: the answer is not what the interface promises (HTML, garbage, a redirect elsewhere, wrong address)
 * - `unknown-outcome`: a write was sent and no answer came; it may have taken effect
 * - `misconfigured`: the job's settings cannot work (missing file, unknown column, unreadable secret)
 */
export type ConnectorErrorKind =
  | 'throttled'
  | 'unavailable'
  | 'rejected'
  | 'conflict'
  | 'gone'
  | 'unauthorized'
  | 'forbidden'
  | 'protocol'
  | 'unknown-outcome'
  | 'misconfigured';

export interface ConnectorErrorFacts {
  readonly kind: ConnectorErrorKind;
  /** Stable code for grouping, such as `http-409` or `csv-header-changed`. */
  readonly code: string;
  /** One sentence for the administrator, with the system's own words. Never holds a credential. */
  readonly message: string;
  readonly status?: number;
  readonly retryAfterMs?: number;
  /** Target attribute that the system named as the culprit. */
  readonly attribute?: string;
}

/** Code of a listing whose pages do not join: objects came or went while it was read, and one of them may have been missed. */
export const listingMoved = 'listing-moved';

/** The only thing a connector throws. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';

  constructor(
    readonly facts: ConnectorErrorFacts,
    options?: ErrorOptions,
  ) {
    super(facts.message, options);
  }

  get kind(): ConnectorErrorKind {
    return this.facts.kind;
  }
}
