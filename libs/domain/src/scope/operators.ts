/** The scoping operators that a clause may name. */
export const scopeOperators = [
  'EQUALS',
  'NOT EQUALS',
  'IS TRUE',
  'IS FALSE',
  'IS NULL',
  'IS NOT NULL',
  'GREATER_THAN',
  'GREATER_THAN_OR_EQUALS',
  'INCLUDES',
  'ENDS_WITH',
  'REGEX MATCH',
  'NOT REGEX MATCH',
  '&',
  '!&',
] as const;
export type ScopeOperator = (typeof scopeOperators)[number];

/** Operators that look at the attribute alone and take no value. */
export const unaryOperators: ReadonlySet<ScopeOperator> = new Set(['IS TRUE', 'IS FALSE', 'IS NULL', 'IS NOT NULL']);

/** Operators whose value is a regular expression. */
export const patternOperators: ReadonlySet<ScopeOperator> = new Set(['REGEX MATCH', 'NOT REGEX MATCH']);

/** Operators whose value is a whole number of which each bit is a flag. */
export const bitOperators: ReadonlySet<ScopeOperator> = new Set(['&', '!&']);
