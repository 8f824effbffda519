import { defineFunction } from '../function-definition.js';
import { choice, optional, text } from '../parameter.js';

const encodings = { Unicode: 'utf-16le', ASCII: 'utf-8', UTF8: 'utf-8' } as const;

export const encodingFunctions = [
  defineFunction({
    name: 'ConvertFromBase64',
    parameters: [text('source'), optional(choice('encoding', Object.keys(encodings)))],
    summary:
      'The text whose bytes are given in Base64. `Unicode`, the default, is UTF-16, the low byte first. Text that is no Base64, and bytes that are no text, are errors.',
    examples: [
      { expression: 'ConvertFromBase64("QQBkAGEA")', gives: 'Ada' },
      { expression: 'ConvertFromBase64("Wm/Dqw==", UTF8)', gives: 'Zoë' },
    ],
    evaluate: ([source, encoding]) => {
      const name = encoding.choice('Unicode') as keyof typeof encodings;
      const decoded = decode(source.text(), encodings[name]);
      const isText = decoded !== null && (name !== 'ASCII' || /^\p{ASCII}*$/u.test(decoded));
      return isText ? decoded : source.fault('bad-value', `${source.named} is not text in Base64 of that encoding`);
    },
  }),
  defineFunction({
    name: 'ConvertToBase64',
    parameters: [text('source')],
    summary: 'The Base64 of the text in UTF-16, the low byte first, which is what Windows calls Unicode.',
    examples: [{ expression: 'ConvertToBase64("Ada")', gives: 'QQBkAGEA' }],
    evaluate: ([source]) => btoa(utf16Bytes(source.text())),
  }),
  defineFunction({
    name: 'ConvertToUTF8Hex',
    parameters: [text('source')],
    summary: 'The bytes of the text in UTF-8, in hexadecimal with capital letters and nothing between them.',
    examples: [{ expression: 'ConvertToUTF8Hex("Zoë-7")', gives: '5A6FC3AB2D37' }],
    evaluate: ([source]) => hexOf(new TextEncoder().encode(source.text())),
  }),
  defineFunction({
    name: 'StringFromSid',
    parameters: [text('sid')],
    summary: 'The form `S-1-…` of a binary security identifier, which is read as Base64: the form in which sources pass binary values on.',
    examples: [{ expression: 'StringFromSid([objectSid])', given: { objectSid: 'AQEAAAAAAAUSAAAA' }, gives: 'S-1-5-18' }],
    evaluate: ([sid]) => sidText(bytesOf(sid.text())) ?? sid.fault('bad-value', 'sid of StringFromSid is not a security identifier'),
  }),
];

const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');

/** The bytes as `btoa` takes them: one character for each. */
const utf16Bytes = (value: string): string =>
  Array.from({ length: value.length }, (_, at) => value.charCodeAt(at))
    .map((unit) => String.fromCharCode(unit & 0xff, unit >> 8))
    .join('');

function bytesOf(base64: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  } catch {
    return null;
  }
}

function decode(base64: string, encoding: 'utf-8' | 'utf-16le'): string | null {
  const bytes = bytesOf(base64);
  try {
    return bytes && new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Revision, number of parts, authority in six bytes, the high one first, then each part in four, the low one first. */
function sidText(bytes: Uint8Array | null): string | null {
  if (!bytes || bytes.length < 8 || bytes[0] !== 1 || bytes.length !== 8 + bytes[1]! * 4) return null;
  const view = new DataView(bytes.buffer);
  const authority = view.getUint16(2) * 2 ** 32 + view.getUint32(4);
  const parts = Array.from({ length: bytes[1]! }, (_, index) => view.getUint32(8 + index * 4, true));
  return ['S', bytes[0], authority, ...parts].join('-');
}
