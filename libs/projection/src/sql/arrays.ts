import { storableText } from './clean-json.js';

/** A list as the literal of a `text[]`: what `pg` does too, only faster where nothing needs an escape. */
export function textArray(values: readonly (string | null)[]): string {
  const items = values.map((value) => {
    if (value === null) return 'NULL';
    return needsEscape.test(value) ? `"${storableText(value).replace(/[\\"]/g, '\\$&')}"` : `"${value}"`;
  });
  return `{${items.join(',')}}`;
}
const needsEscape = /[\\"\0]/;

/** The same for numbers and booleans. */
export const plainArray = (values: readonly (number | boolean | null)[]): string =>
  `{${values.map((value) => (value === null ? 'NULL' : String(value))).join(',')}}`;
