import { isUtf8 } from 'node:buffer';

const replacement = '\ufffd';
const escape = /\\\\|\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/**
 * JSON text that `jsonb` accepts. Postgres keeps neither NUL nor half a surrogate pair: they become U+FFFD.
 * (`JSON.stringify` writes a lone surrogate as an escape, and whole pairs as they are.)
 */
export const storableJson = (value: unknown): string => storableJsonText(JSON.stringify(value) ?? 'null');

/** The same of text that `JSON.stringify` made. */
export function storableJsonText(json: string): string {
  return json.includes('\\u') ? json.replace(escape, (found) => (found === '\\\\' ? found : replacement)) : json;
}

const escapeBegins = Buffer.from('\\u');

/** Whether JSON in UTF-8 can be stored as it is. */
export const isStorable = (json: Uint8Array): boolean => isUtf8(json) && !asBuffer(json).includes(escapeBegins);

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const storableText = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', replacement) : text);
