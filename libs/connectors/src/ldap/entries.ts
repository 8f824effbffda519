import type { AttributeBag, AttributeValue } from '@provident/domain';

import type { SourceFailure, SourceObject } from '../connector.js';
import type { LdapEntry } from './client.js';

/** Attributes that hold bytes, whatever they happen to look like. Lower case. */
const wellKnownBinary = new Set(
  'jpegphoto photo audio thumbnailphoto usercertificate cacertificate usersmimecertificate userpkcs12 objectguid objectsid sidhistory'.split(
    ' ',
  ),
);

export interface EntryPlan {
  readonly anchor: string;
  readonly attributes: readonly string[];
  /** Lower case. */
  readonly binary: ReadonlySet<string>;
}

export type ReadEntry = { readonly object: SourceObject } | { readonly failure: SourceFailure };

/** Lower-case names of the attributes to read as bytes. */
export function binaryNames(configured: readonly string[]): ReadonlySet<string> {
  return new Set([...wellKnownBinary, ...configured.map((name) => name.toLowerCase())]);
}

/**
 * An entry as a source object: one value as text, several as a list, bytes in base64; an attribute without a value is left out.
 * Names are compared without regard to case and come as they were asked for; `dn` stands for the distinguished name.
 */
export function readEntry(entry: LdapEntry, { anchor: anchorName, attributes: asked, binary }: EntryPlan): ReadEntry {
  const values = new Map(entry.attributes.filter((one) => one.values.length > 0).map((one) => [plainName(one.name), one.values]));
  const anchors = (values.get(anchorName.toLowerCase()) ?? []).map((bytes) => anchorText(anchorName, bytes));
  const [anchor = null] = anchors;
  const fail = (code: SourceFailure['code'], message: string): ReadEntry => ({ failure: { anchor, code, message, place: entry.dn } });

  if (anchor === null || anchor.trim() === '') return fail('missing-anchor', `the entry has no "${anchorName}", or it may not be read`);
  if (anchors.length > 1) return fail('unreadable-record', `the entry has ${anchors.length} values of "${anchorName}"`);
  const partial = entry.attributes.find(({ name }) => /;range=\d/i.test(name));
  if (partial) return fail('unreadable-record', `the server gives only a part of the values: "${partial.name}"`);
  return { object: { anchor, attributes: attributesOf(entry.dn, values, asked, binary) } };
}

function attributesOf(
  dn: string,
  values: ReadonlyMap<string, readonly Buffer[]>,
  asked: readonly string[],
  binary: ReadonlySet<string>,
): AttributeBag {
  const bag: Record<string, AttributeValue> = {};
  for (const name of asked) {
    const key = plainName(name);
    const found = values.get(key);
    if (key === 'dn') bag[name] = dn;
    else if (found) bag[name] = valueOf(found, binary.has(key) || /;binary$/i.test(name));
  }
  return bag;
}

/** Lower case, and without the option that only says "as bytes". */
function plainName(name: string): string {
  return name.toLowerCase().replace(/;binary$/, '');
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Base64 for all values as soon as one of them is not text. */
function valueOf(values: readonly Buffer[], isBinary: boolean): AttributeValue {
  const texts = isBinary ? null : decodeAll(values);
  const shown = texts ?? values.map((bytes) => bytes.toString('base64'));
  return shown.length === 1 ? (shown[0] as string) : shown;
}

function decodeAll(values: readonly Buffer[]): string[] | null {
  try {
    return values.map((bytes) => strictUtf8.decode(bytes));
  } catch {
    return null;
  }
}

/** An anchor's value as text; Active Directory's `objectGUID` as a GUID. */
export function anchorText(name: string, bytes: Buffer): string {
  return isGuid(name) && bytes.length === 16 ? guidText(bytes) : bytes.toString('utf8');
}

/** The bytes that a search for an anchor must carry. */
export function anchorBytes(name: string, anchor: string): Buffer {
  return isGuid(name) && guidPattern.test(anchor) ? guidBytes(anchor) : Buffer.from(anchor, 'utf8');
}

const guidPattern = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

function isGuid(name: string): boolean {
  return name.toLowerCase() === 'objectguid';
}

/** The first three groups of a GUID are stored with their bytes reversed. */
function guidText(bytes: Buffer): string {
  const hex = reorder(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function guidBytes(guid: string): Buffer {
  return reorder(Buffer.from(guid.replaceAll('-', ''), 'hex'));
}

function reorder(bytes: Buffer): Buffer {
  return Buffer.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((index) => bytes[index] as number));
}
