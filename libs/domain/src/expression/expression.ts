/** Comparison operators; they stand only in conditions. */
export const comparisonOperators = ['=', '<>', '>', '>=', '<', '<='] as const;
export type ComparisonOperator = (typeof comparisonOperators)[number];

/** Where a sub-expression begins in the text: characters from the start, 0 for the first. */
interface Placed {
  readonly at: number;
}

export interface Call extends Placed {
  readonly kind: 'call';
  /** As written; names are looked up without regard to case. */
  readonly name: string;
  readonly args: readonly Expression[];
}

/** One expression as a tree. An argument that was left out is a node of its own, so that the others keep their places. */
export type Expression =
  | Call
  | (Placed & { readonly kind: 'attribute'; readonly name: string })
  | (Placed & { readonly kind: 'text'; readonly value: string })
  | (Placed & { readonly kind: 'number'; readonly value: bigint })
  | (Placed & { readonly kind: 'boolean'; readonly value: boolean })
  | (Placed & { readonly kind: 'keyword'; readonly name: string })
  | (Placed & { readonly kind: 'omitted' })
  | (Placed & {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
    });

/** The direct parts of a node, in the order of the text. */
export function partsIn(node: Expression): readonly Expression[] {
  if (node.kind === 'call') return node.args;
  return node.kind === 'comparison' ? [node.left, node.right] : [];
}

/** A node and everything inside it, outermost first, in the order of the text. */
export const nodesIn = (node: Expression): Expression[] => [node, ...partsIn(node).flatMap(nodesIn)];

/** Attributes that an expression looks at, each once. */
export const attributesIn = (node: Expression): string[] => [
  ...new Set(nodesIn(node).flatMap((part) => (part.kind === 'attribute' ? part.name : []))),
];
