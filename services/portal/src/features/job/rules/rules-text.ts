import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';

type Place = readonly (string | number)[];

const width = 140;
const written = (document: Document): string => document.toString({ lineWidth: width });

/**
 * The text with another value at a place. What is the same stays as it is written, with its comments; of a list as many elements stay as both have.
 * @returns the text as it was when it is no YAML: there is no place in it
 */
export const setIn = (text: string, place: Place, value: unknown): string => edited(text, (document) => put(document, place, value));

/** The text without what stands at a place; what follows in a list moves up with its comments. */
export const removeIn = (text: string, place: Place): string =>
  edited(text, (document) => {
    const list = document.getIn(place.slice(0, -1));
    if (isSeq(list)) giveOwnComment(list);
    document.deleteIn(place);
  });

/** The text with one more element at the end of a list, which is made when there is none. */
export const appendIn = (text: string, place: Place, value: unknown): string =>
  edited(text, (document) => {
    if (isSeq(document.getIn(place))) document.addIn(place, document.createNode(value));
    else document.setIn(place, document.createNode([value]));
  });

/** The text with an element of a list before its neighbour, comments and all. */
export const moveIn = (text: string, list: Place, from: number, to: number): string =>
  edited(text, (document) => {
    const found = document.getIn(list);
    if (!isSeq(found) || to < 0 || to >= found.items.length) return;
    giveOwnComment(found);
    const [moved] = found.items.splice(from, 1);
    found.items.splice(to, 0, moved);
  });

/** A comment above a list is about its first element: it goes where that goes. */
function giveOwnComment(list: YAMLSeq): void {
  const [first] = list.items;
  if (!list.commentBefore || !isMap(first)) return;
  first.commentBefore = list.commentBefore;
  list.commentBefore = null;
}

function edited(text: string, change: (document: Document) => void): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) return text;
  change(document);
  return written(document);
}

function put(document: Document, place: Place, value: unknown): void {
  const there = document.getIn(place);
  if (isMap(there) && isRecord(value)) return putMap(document, place, there, value);
  if (isSeq(there) && Array.isArray(value)) return putList(document, place, there, value as unknown[]);
  if (document.getIn(place) === value) return;
  document.setIn(place, typeof value === 'object' && value !== null ? document.createNode(value) : value);
}

function putMap(document: Document, place: Place, there: YAMLMap, value: Readonly<Record<string, unknown>>): void {
  const names = Object.entries(value).filter(([, each]) => each !== undefined);
  const kept = new Set(names.map(([name]) => name));
  const gone = there.items.map((item) => String(item.key)).filter((key) => !kept.has(key));
  for (const key of gone) document.deleteIn([...place, key]);
  for (const [name, each] of names) put(document, [...place, name], each);
}

function putList(document: Document, place: Place, there: YAMLSeq, value: readonly unknown[]): void {
  while (there.items.length > value.length) document.deleteIn([...place, there.items.length - 1]);
  for (const [index, each] of value.entries()) {
    if (index < there.items.length) put(document, [...place, index], each);
    else document.addIn(place, document.createNode(each));
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
