import type { LogEvent } from '@provident/contracts';
import {
  UnreadableEvent,
  briefOf,
  parseBrief,
  parseSubject,
  printBrief,
  readData,
  shapeOf,
  wireTypeOf,
  writeData,
} from '@provident/contracts';

import type { EventHead, NewEvent } from '../event-log.js';
import type { Headers } from './raw-headers.js';
import { RawHeaders } from './raw-headers.js';

/** CloudEvents 1.0 in the NATS binding's binary mode: attributes are headers `ce-…`, the data is the payload. Ours start with `pv-`. */
const names = {
  specversion: 'ce-specversion',
  id: 'ce-id',
  type: 'ce-type',
  source: 'ce-source',
  time: 'ce-time',
  subject: 'ce-subject',
  cause: 'pv-cause',
  position: 'pv-position',
  shape: 'pv-shape',
  brief: 'pv-brief',
  follows: 'pv-follows',
} as const;

/** Every header that an event may have: what an archive keeps. */
export const headerNames: readonly string[] = Object.values(names);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Header values are printable ASCII; the binding asks for percent-encoding of the rest. */
const encodeValue = (text: string): string => (/^[\x21-\x24\x26-\x7e]*$/.test(text) ? text : encodeURIComponent(text));
const decodeValue = (text: string): string => (text.includes('%') ? decodeURIComponent(text) : text);

export function encodeHeaders(event: NewEvent): RawHeaders {
  const out = new RawHeaders();
  out.append(names.specversion, '1.0');
  out.append(names.id, encodeValue(event.id));
  out.append(names.type, wireTypeOf(event.definition));
  out.append(names.source, `/jobs/${event.jobId}/${event.stage}`);
  out.append(names.time, event.at);
  out.append(names.subject, encodeValue(event.about));
  out.append(names.cause, String(event.cause));
  out.append(names.position, String(event.position));
  out.append(names.shape, shapeOf(event.definition));
  const brief = briefOf(event.definition.type, event.data);
  if (brief) out.append(names.brief, printBrief(brief));
  return out;
}

/**
 * Says which event of its subject an event follows: its sequence (0: none); or, where that is not known yet because both come in one append, how many places
 * before it that stands, as a negative number. What a reader is not given shows by it.
 */
export const encodeFollows = (headers: RawHeaders, place: number): RawHeaders => headers.append(names.follows, String(place));

/** Sequence of the event of its subject that an event follows, 0 when it is the first; null when it does not say, as earlier builds did not. */
export function followedBy({ headers, sequence }: Pick<StoredMessage, 'headers' | 'sequence'>): number | null {
  const text = headers?.get(names.follows) ?? '';
  if (text === '') return null;
  const place = Number(text);
  return place < 0 ? sequence + place : place;
}

/** @throws MisshapenEvent */
export const encodeData = ({ definition, data }: NewEvent): Uint8Array => encoder.encode(writeData(definition, data));

export interface StoredMessage {
  readonly sequence: number;
  readonly subject: string;
  readonly headers: Headers | undefined;
  readonly data: Uint8Array;
}

/** What the headers say, but for the brief. @throws UnreadableEvent when they are not those of an event */
function readHead(message: StoredMessage): Omit<LogEvent, 'data'> & { readonly wireType: string } {
  const { headers: values } = message;
  const wireType = values?.get(names.type);
  if (!values || !wireType) throw new UnreadableEvent('a message without CloudEvents headers');
  const { jobId, lane, stage } = parseSubject(message.subject);
  return {
    sequence: message.sequence,
    id: decodeValue(values.get(names.id)),
    type: wireType.slice('provident.'.length, wireType.lastIndexOf('.v')),
    at: values.get(names.time),
    jobId,
    lane,
    stage,
    cause: Number(values.get(names.cause)),
    position: Number(values.get(names.position)),
    wireType,
  };
}

/** @throws UnreadableEvent when the headers are not those of an event */
export function decodeHead(message: StoredMessage): EventHead {
  const { wireType: _, ...head } = readHead(message);
  const brief = message.headers!.get(names.brief);
  return { ...head, brief: brief ? parseBrief(brief) : null };
}

/** @throws UnreadableEvent when this build cannot read it */
export function decodeEvent(message: StoredMessage): LogEvent {
  const { sequence, id, at, jobId, lane, stage, cause, position, wireType } = readHead(message);
  const raw = message.data;
  const { type, data } = readData(wireType, message.headers!.get(names.shape), parseJson(decoder.decode(raw)));
  return { sequence, id, type, at, jobId, lane, stage, cause, position, data, raw };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnreadableEvent('the body is not JSON', { cause });
  }
}
