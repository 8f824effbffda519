/**
 * How a sealed value stands in an event, in a row and in a file: as a text of its own form in the place of the value, or within a longer text. Whoever
 * cannot open it can still tell that there is a value, whose it is, and whether it is the same as another of the same person.
 */

/** `p`: of a person, open to whoever may read reports of the job. `s`: sensitive, shown to nobody who does not ask for it and may. */
export type SealClass = 'p' | 's';

export interface SealedText {
  readonly sealClass: SealClass;
  /** Id of the key that opens it; tells nothing of the person. */
  readonly keyId: string;
  /** base64url. */
  readonly payload: string;
  /** It stands where a text is expected, whatever kind of value it is. */
  readonly asText?: boolean;
}

export const sealedMark = '{sealed:';
const form = String.raw`\{sealed:([ps]):([\w-]{16}):([\w-]+)(:t)?\}`;
const whole = new RegExp(`^${form}$`);

export const printSealed = ({ sealClass, keyId, payload }: SealedText): string => `${sealedMark}${sealClass}:${keyId}:${payload}}`;

/** A text as it is, and a sealed value as the text of that value. */
export const asSealedText = (text: string): string =>
  text.startsWith(sealedMark) && parseSealed(text)?.asText === false ? `${text.slice(0, -1)}:t}` : text;

/** What a text says when it is sealed as a whole; null for any other. */
export function parseSealed(text: string): SealedText | null {
  if (!text.startsWith(sealedMark)) return null;
  const parts = whole.exec(text);
  return parts && { sealClass: parts[1] as SealClass, keyId: parts[2]!, payload: parts[3]!, asText: parts[4] !== undefined };
}

/** Everything sealed in a text is replaced. */
export function replaceSealed(text: string, replace: (sealed: SealedText) => string): string {
  if (!text.includes(sealedMark)) return text;
  return text.replace(new RegExp(form, 'g'), (_, sealClass: string, keyId: string, payload: string, asText: string | undefined) =>
    replace({ sealClass: sealClass as SealClass, keyId, payload, asText: asText !== undefined }),
  );
}

/** Ids of the keys that open what is sealed in a text, each once. */
export function sealedKeyIds(text: string): Set<string> {
  const ids = new Set<string>();
  replaceSealed(text, ({ keyId }) => {
    ids.add(keyId);
    return '';
  });
  return ids;
}

/** What is shown of a value that is sealed for whoever looks, that was erased, or whose key is not there. */
export const unopened = { sealed: '(sealed)', erased: '(erased)', lost: '(key missing)' } as const;
