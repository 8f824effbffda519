import { asSealedText } from './sealed-text.js';

/** One value as a system typed it. Absent (no key) and `null` differ: null means "known to be empty". */
export type AttributeValue = string | number | boolean | null | readonly AttributeValue[] | { readonly [name: string]: AttributeValue };

/** Values of one object, by attribute name (source) or target attribute path such as `emails[type eq "work"].value`. */
export type AttributeBag = Readonly<Record<string, AttributeValue>>;

/** One attribute whose value in the target differs from the wanted one. */
export interface AttributeChange {
  readonly attribute: string;
  /** Value the target held when it was last read; null when it held none. */
  readonly old: AttributeValue;
  /** Value the rules computed; null clears the attribute. */
  readonly new: AttributeValue;
}

/** True for what counts as "no value": absent, null, empty text or an empty list. */
export function isEmptyValue(value: AttributeValue | undefined): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** A value as one line of text, for reasons and tables. Lists are joined by ", "; a sealed value stays sealed. */
export function textOf(value: AttributeValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return asSealedText(value);
  if (Array.isArray(value)) return value.map((item) => textOf(item)).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
