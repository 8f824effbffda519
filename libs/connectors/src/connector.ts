import type { AttributeBag, AttributeChange, AttributeValue, MemberChanges, ObjectType } from '@provident/domain';
import type { SecretReader } from '@provident/vault';

import type { NetworkPolicy } from './network/address-policy.js';
import type { RequestPace } from './pace/request-pace.js';

/** What an attribute of a system looks like, as far as the system tells. */
export interface AttributeDescription {
  /** Name (source) or path (target), as mappings write it. */
  readonly name: string;
  readonly type: 'string' | 'integer' | 'decimal' | 'boolean' | 'dateTime' | 'reference' | 'binary' | 'complex';
  readonly multiValued: boolean;
  readonly required: boolean;
  readonly readOnly: boolean;
}

/** Attributes of one object type. `complete: false`: the system may take more than it tells. */
export interface ObjectTypeDescription {
  readonly name: string;
  readonly attributes: readonly AttributeDescription[];
  readonly complete: boolean;
}

/** What a connector says of the system behind it. */
export interface SystemDescription {
  /** The system's name for people, such as `People (people.csv)`. Never holds a credential. */
  readonly name: string;
  readonly objectTypes: readonly ObjectTypeDescription[];
}

// ---------------------------------------------------------------- source

/** One object as the source holds it now. */
export interface SourceObject {
  readonly anchor: string;
  readonly attributes: AttributeBag;
}

/** One record of the source that cannot be used; the others go on. */
export interface SourceFailure {
  /** The anchor if the record has a readable one, else null. An object with a failed record is never taken for absent. */
  readonly anchor: string | null;
  readonly code: 'missing-anchor' | 'missing-member' | 'repeated-anchor' | 'wrong-field-count' | 'broken-encoding' | 'unreadable-record';
  readonly message: string;
  /** Where in the source: a line number, a distinguished name. */
  readonly place: string;
}

/** Opaque to everyone but the connector; JSON, at most 4 KiB. */
export type SourceCursor = { readonly [key: string]: AttributeValue };

export interface SourcePage {
  readonly objects: readonly SourceObject[];
  /** Anchors that the source itself reports as removed (deltas only). */
  readonly removed: readonly string[];
  readonly failures: readonly SourceFailure[];
  /** Where to go on after this page within the same read, should the process die now. */
  readonly cursor: SourceCursor;
  /** Set on the last page only: from where the next incremental read starts. */
  readonly watermark: SourceCursor | null;
}

export interface SourceRead {
  readonly objectType: string;
  /** Source attributes that the rules need; the anchor always comes along. */
  readonly attributes: readonly string[];
  /** Position of a read that was interrupted, else null. */
  readonly resumeAt: SourceCursor | null;
  /** From the last completed read; null asks for everything. */
  readonly watermark: SourceCursor | null;
  /** Objects per page that the reader wants at most. */
  readonly pageSize: number;
}

/** How a read will go: known before the first page. */
export interface SourceReading {
  /** `snapshot`: all objects come, and one that does not is gone. `delta`: only changes come. `none`: nothing has changed since the watermark; no page comes. */
  readonly kind: 'snapshot' | 'delta' | 'none';
  /** Objects to expect, when the source can tell. */
  readonly total: number | null;
  /** Pages in order; the last one alone carries a watermark. A read that cannot be completed throws: it never ends early without a word. */
  readonly pages: AsyncIterable<SourcePage>;
}

/** An object that belongs to a group, both by their anchors. */
export interface Membership {
  readonly group: string;
  readonly member: string;
  readonly memberType: ObjectType;
}

/** A record of memberships that cannot be used. */
export interface MembershipFailure extends SourceFailure {
  /** Anchor of the only group that it concerns: what came of that group does not count then. Without one it may concern all of them. */
  readonly group?: string | undefined;
}

export interface MembershipPage {
  readonly memberships: readonly Membership[];
  /** Records that cannot be used; of the groups that one concerns, a membership that did not show is not taken for ended. */
  readonly failures: readonly MembershipFailure[];
  /** Groups whose list begins anew with this page because it changed while it was read: what came of them before does not count. */
  readonly anew?: readonly string[] | undefined;
  /** Of a `delta`: groups whose list has now come to its end. Of these alone, whoever did not show has left. */
  readonly whole?: readonly string[] | undefined;
}

/**
 * Who belongs to which group: all of it (`snapshot`), the whole lists of the groups that changed and single memberships besides (`delta`), or nothing
 * because nothing has changed since the watermark (`none`).
 */
export interface MembershipReading {
  readonly kind: 'snapshot' | 'delta' | 'none';
  /** From where the next read starts; known once every page of this one has come. */
  readonly watermark: SourceCursor;
  /** A read that cannot be completed throws: it never ends early without a word. The same membership may come more than once. */
  readonly pages: AsyncIterable<MembershipPage>;
}

/** Everything the importer may ask of a source. Methods throw ConnectorError and nothing else. */
export interface SourceConnector {
  describe(signal: AbortSignal): Promise<SystemDescription>;
  read(request: SourceRead, signal: AbortSignal): Promise<SourceReading>;
  /** The object as it is now, or null when the source answers that it has none. */
  find(objectType: string, anchor: string, attributes: readonly string[], signal: AbortSignal): Promise<SourceObject | null>;
  /**
   * Memberships of all groups. Of a source without groups there are none.
   * @param deltas whether a `delta` will do; otherwise all of it comes as soon as one group has changed
   */
  readMembers(watermark: SourceCursor | null, signal: AbortSignal, deltas?: boolean): Promise<MembershipReading>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- target

/** One object as the target holds it now. */
export interface TargetObject {
  readonly id: string;
  /** The asked attribute paths that have a value. */
  readonly attributes: AttributeBag;
  /** Whether the account can be used; `unknown` where the target has no such notion. */
  readonly state: 'active' | 'disabled' | 'unknown';
}

/** What the target can do; services ask this instead of knowing connectors. */
export interface TargetAbilities {
  /** Reading all objects page by page. */
  readonly list: boolean;
  /** Objects that one page of a listing holds, for weighing a listing against look-ups. */
  readonly listPageSize: number;
  readonly disable: boolean;
  readonly delete: boolean;
  /** Writes that the target stands at once. */
  readonly concurrency: number;
  /** Members of a group that one request may add and remove; 0: the target has no groups. */
  readonly membersPerChange: number;
  /** Whether a group may be a member of another. */
  readonly nestedGroups: boolean;
}

export interface MatchQuery {
  readonly objectType: string;
  readonly attribute: string;
  readonly value: AttributeValue;
}

export interface TargetPage {
  readonly objects: readonly TargetObject[];
  readonly next: string | null;
}

/** Everything the importer (reading) and the exporter (writing) may ask of a target. Methods throw ConnectorError and nothing else. */
export interface TargetConnector {
  describe(signal: AbortSignal): Promise<SystemDescription>;
  abilities(signal: AbortSignal): Promise<TargetAbilities>;
  /** How many objects the target holds, or null when it does not tell. */
  count(objectType: string, signal: AbortSignal): Promise<number | null>;
  /** Fails with `listingMoved` when objects came or went while it was read so that one may have been missed: no page is missing without a word. */
  list(objectType: string, attributes: readonly string[], from: string | null, signal: AbortSignal): Promise<TargetPage>;
  /** None, one or several. */
  find(query: MatchQuery, attributes: readonly string[], signal: AbortSignal): Promise<readonly TargetObject[]>;
  /** null: the target answers that it is gone. */
  read(objectType: string, id: string, attributes: readonly string[], signal: AbortSignal): Promise<TargetObject | null>;
  /** Creates an active account and returns its id. */
  create(objectType: string, attributes: AttributeBag, signal: AbortSignal): Promise<{ readonly id: string }>;
  /** Writes only what differs. @throws ConnectorError `gone` when the object is not there */
  update(objectType: string, id: string, changes: readonly AttributeChange[], signal: AbortSignal): Promise<void>;
  /**
   * Adds and removes members of a group, and leaves all others alone. Who is a member already, or none any more, is no error.
   * @throws ConnectorError `gone` when the group is not there
   */
  changeMembers(objectType: string, id: string, changes: MemberChanges, signal: AbortSignal): Promise<void>;
  /** Ids of all members of a group; null when the group is gone, or when the target tells nothing of its members. */
  members(objectType: string, id: string, signal: AbortSignal): Promise<readonly string[] | null>;
  setActive(objectType: string, id: string, active: boolean, signal: AbortSignal): Promise<void>;
  /** Absent already: no error. */
  remove(objectType: string, id: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- factories

/** What a connector is opened with. Secrets are resolved by it, from references, when they are used. */
export interface OpenOptions {
  /** Folder that relative paths of the configuration start from. */
  readonly baseDir: string;
  /** Refuse every write in the connector's lowest layer. */
  readonly readOnly: boolean;
  /** Time that one request may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Which addresses may be connected to; by default all but those that never may. */
  readonly network?: NetworkPolicy | undefined;
  /** When requests to a target may leave; without it nothing is waited for. */
  readonly pace?: RequestPace | undefined;
  /** Where secrets are that a job refers to by name; without one there are none. */
  readonly vault?: SecretReader | undefined;
  /** Told of every request that was made, for metrics. */
  readonly onRequest?: ((request: RequestMade) => void) | undefined;
  /** Asked before each request whether it is part of a trace. */
  readonly beginRequest?: (() => TracedRequest | undefined) | undefined;
}

/** A request that somebody follows. */
export interface TracedRequest {
  /** What the system is told of the trace, in the form of the W3C, if its settings allow it. */
  readonly traceparent: string;
  end(request: RequestMade): void;
}

/** One request to a system, and what came of it. */
export interface RequestMade {
  /** Host of the system, with its port unless it is the usual one. */
  readonly system: string;
  readonly method: string;
  /** Status of the answer, or why there was none. */
  readonly outcome: number | 'timeout' | 'aborted' | 'too-large' | 'not-http' | 'connection';
  readonly ms: number;
}

export interface SourceFactory<Config> {
  readonly name: string;
  readonly open: (config: Config, options: OpenOptions) => Promise<SourceConnector>;
}

export interface TargetFactory<Config> {
  readonly name: string;
  readonly open: (config: Config, options: OpenOptions) => Promise<TargetConnector>;
}
