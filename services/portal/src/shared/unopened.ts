import { unopenedTexts } from '../texts/en/unopened.js';

/** What the server shows in the place of a value that it does not open. */
const words = { '(sealed)': 'sealed', '(erased)': 'erased', '(key missing)': 'lost' } as const;
export type Unopened = (typeof words)[keyof typeof words];

/** Why a value is not shown; null for one that is. */
export const unopenedOf = (value: unknown): Unopened | null =>
  typeof value === 'string' && Object.hasOwn(words, value) ? words[value as keyof typeof words] : null;

/** A name or value for people; where it is not shown, in plain words. */
export function plainOf(text: string): string {
  const why = unopenedOf(text);
  return why === null ? text : unopenedTexts.short[why];
}
