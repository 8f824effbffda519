import type { LogEvent } from '@provident/contracts';
import { UnreadableEvent, briefOf, parseBrief, parseSubject, printBrief, readData, wireTypeOf } from '@provident/contracts';

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
  brief: 'pv-brief',
} as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Header values are printable ASCII; the binding asks for percent-encoding of the rest. */
const encodeValue = (text: string): string => (/^[\x21-\x24\x26-\x7e]*$/.test(text) ? text : encodeURIComponent(text));

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
  const brief = briefOf(event.definition.type, event.data);
  if (brief) out.append(names.brief, printBrief(brief));
  return out;
}

export const encodeData = (data: unknown): Uint8Array => encoder.encode(JSON.stringify(data));

export interface StoredMessage {
  readonly sequence: number;
  readonly subject: string;
  readonly headers: Headers | undefined;
  readonly data: Uint8Array;
}

/** @throws UnreadableEvent when the headers are not those of an event */
export function decodeHead(message: StoredMessage): EventHead {
  const { headers: values } = message;
  const wireType = values?.get(names.type);
  if (!values || !wireType) throw new UnreadableEvent('a message without CloudEvents headers');
  const { jobId, lane, stage } = parseSubject(message.subject);
  const brief = values.get(names.brief);
  return {
    sequence: message.sequence,
    id: decodeURIComponent(values.get(names.id)),
    type: wireType.slice('provident.'.length, wireType.lastIndexOf('.v')),
    at: values.get(names.time),
    jobId,
    lane,
    stage,
    cause: Number(values.get(names.cause)),
    position: Number(values.get(names.position)),
    brief: brief ? parseBrief(brief) : null,
  };
}

/** @throws UnreadableEvent when this build cannot read it */
export function decodeEvent(message: StoredMessage): LogEvent {
  const { brief: _brief, ...head } = decodeHead(message);
  let json: unknown;
  try {
    json = JSON.parse(decoder.decode(message.data));
  } catch (cause) {
    throw new UnreadableEvent('the body is not JSON', { cause });
  }
  const { type, data } = readData(message.headers!.get(names.type), json);
  return { ...head, type, data };
}
