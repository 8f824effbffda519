import iconv from 'iconv-lite';

import type { CsvEncoding } from './config.js';

/**
 * How a file's bytes become text, in two steps: `units` turns any stretch of bytes into a text in which delimiters, quotes and
 * line breaks stand as themselves; `decode` then makes the real value of one field, or null when its bytes are broken.
 */
export interface Encoding {
  /** Bytes that one character of `units` stands for. */
  readonly unitBytes: 1 | 2;
  readonly byteOrderMark: Buffer;
  readonly units: (bytes: Buffer) => string;
  readonly decode: (field: string) => string | null;
}

const noMark = Buffer.alloc(0);
const latin1 = (bytes: Buffer) => bytes.toString('latin1');
// oxlint-disable-next-line no-control-regex -- the range is what "ASCII" means
const beyondAscii = /[^\x00-\x7f]/;
const loneSurrogate = /\p{Surrogate}/u;

function utf8(): Encoding {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (field: string) => {
    try {
      return decoder.decode(Buffer.from(field, 'latin1'));
    } catch {
      return null;
    }
  };
  return {
    unitBytes: 1,
    byteOrderMark: Buffer.from([0xef, 0xbb, 0xbf]),
    units: latin1,
    decode: (field) => (beyondAscii.test(field) ? decode(field) : field),
  };
}

function utf16le(): Encoding {
  return {
    unitBytes: 2,
    byteOrderMark: Buffer.from([0xff, 0xfe]),
    units: (bytes) => bytes.toString('utf16le'),
    decode: (field) => (loneSurrogate.test(field) ? null : field),
  };
}

function singleByte(name: CsvEncoding): Encoding {
  const decode = (field: string) => {
    const text = iconv.decode(Buffer.from(field, 'latin1'), name);
    return text.includes('\ufffd') ? null : text;
  };
  return { unitBytes: 1, byteOrderMark: noMark, units: latin1, decode: (field) => (beyondAscii.test(field) ? decode(field) : field) };
}

/** The encoding of that name. */
export function encodingOf(name: CsvEncoding): Encoding {
  if (name === 'utf-8') return utf8();
  return name === 'utf-16le' ? utf16le() : singleByte(name);
}
