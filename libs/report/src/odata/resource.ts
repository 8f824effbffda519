import type { IdentityKind } from '@provident/read-model';

/** Takes a value of the query and gives the parameter that stands for it, such as `$3`. */
export type Parameters = (value: unknown) => string;

/** One property that may be filtered by. */
export interface Property {
  /** Spelt as on the wire, such as `sourceIdentity/displayName`. */
  readonly path: string;
  readonly type: 'text' | 'instant' | 'number';
  /** Of an enumeration: its values as on the wire. They are compared in any case of letters. */
  readonly values?: readonly string[];
  /** The value as an SQL expression over the resource's row: what the wire shows. */
  readonly sql: string;
  /** The expression is over the row of `job` alone: which jobs it holds for is found out first, so that the jobs' indexes serve. */
  readonly isOfJob?: boolean;
  /** The text is, or was, an identifier of this kind of the row's object: by a part of it objects are found first, and their rows then. */
  readonly identifies?: IdentityKind;
  /** What follows from this property being that text, as a condition that an index serves; null when nothing does. */
  readonly implies?: (text: string, value: Parameters) => string | null;
}

/** A collection that `any` may look into: each part gives some of its elements. */
export interface Collection {
  readonly path: string;
  readonly parts: readonly {
    /** Whether this element is there at all. */
    readonly exists: string;
    /** The element is the job's: its properties are expressions over the row of `job` alone. */
    readonly isOfJob?: boolean;
    /** Table expression of the elements; without one it is a single element of the row itself. */
    readonly from?: string;
    readonly properties: readonly Property[];
  }[];
}

/** What may be asked of one kind of thing, and where it is in the read models. */
export interface Resource {
  readonly properties: readonly Property[];
  readonly collections: readonly Collection[];
  /** Top-level members that `$select` may name. */
  readonly members: readonly string[];
  /** The row's job, as an SQL expression. */
  readonly job: string;
  /** Which rows are of these objects: a condition that an index serves, of two lists as long as each other, their jobs and their keys. */
  readonly ofObjects?: (jobs: string, keys: string) => string;
}

const folded = (text: string): string => text.toLowerCase();

/** By its path in any case of letters. */
export const findByPath = <Item extends { readonly path: string }>(items: readonly Item[], path: string): Item | undefined =>
  items.find((item) => folded(item.path) === folded(path));
