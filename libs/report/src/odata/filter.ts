/** A `$filter` as a tree. `at` is where a part begins: characters from the start, 0 for the first. */
interface Placed {
  readonly at: number;
}

export const comparisons = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const;
export type Comparison = (typeof comparisons)[number];

/** Functions of two texts that hold or do not. */
export const predicates = ['contains', 'startswith', 'endswith'] as const;
export type Predicate = (typeof predicates)[number];

/** Functions from text to text. */
export const textFunctions = ['tolower', 'toupper'] as const;
export type TextFunction = (typeof textFunctions)[number];

export interface Literal extends Placed {
  readonly kind: 'literal';
  readonly type: 'text' | 'number' | 'instant' | 'boolean' | 'null';
  /** Of an instant: ISO 8601 with a zone. */
  readonly value: string | number | boolean | null;
}

export interface Path extends Placed {
  readonly kind: 'path';
  /** As written, such as `sourceIdentity/displayName`; within `any`, with the variable as its first segment. */
  readonly path: string;
}

export type Operand = Literal | Path | (Placed & { readonly kind: 'text'; readonly name: TextFunction; readonly argument: Operand });

/** What holds or does not. */
export type Condition =
  | (Placed & { readonly kind: 'and' | 'or'; readonly conditions: readonly Condition[] })
  | (Placed & { readonly kind: 'not'; readonly condition: Condition })
  | (Placed & { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Operand; readonly right: Operand })
  | (Placed & { readonly kind: 'in'; readonly operand: Operand; readonly values: readonly Literal[] })
  | (Placed & { readonly kind: 'call'; readonly name: Predicate; readonly text: Operand; readonly part: Operand })
  | (Placed & { readonly kind: 'any'; readonly path: Path; readonly variable: string; readonly condition: Condition | null });
