import type { Message, Severity } from './message.js';

/** A value in the JSON form of OpenTelemetry's protocol; whole numbers of 64 bits are texts there. */
export type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } }
  | { readonly kvlistValue: { readonly values: readonly KeyValue[] } }
  | Record<string, never>;
export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

const severities: Readonly<Record<Severity, readonly [number, string]>> = { info: [9, 'INFO'], warn: [13, 'WARN'], error: [17, 'ERROR'] };

/** An `ExportLogsServiceRequest`: each message is a record, its body what the format makes of the event. Pure. */
export function logsRequest(messages: readonly Message[], { streamId, observedAt }: { streamId: string; observedAt: Date }) {
  return {
    resourceLogs: [
      {
        resource: { attributes: [text('service.name', 'provident'), text('provident.stream', streamId)] },
        scopeLogs: [{ scope: { name: 'provident.audit-streamer' }, logRecords: messages.map((message) => recordOf(message, observedAt)) }],
      },
    ],
  };
}

function recordOf({ id, at, type, severity, text: body, sequence, changeId }: Message, observedAt: Date) {
  const [severityNumber, severityText] = severities[severity];
  return {
    timeUnixNano: nanosOf(Date.parse(at)),
    observedTimeUnixNano: nanosOf(observedAt.getTime()),
    severityNumber,
    severityText,
    eventName: type,
    body: anyValue(JSON.parse(body)),
    attributes: [
      text('cloudevents.event_id', id),
      { key: 'provident.sequence', value: { intValue: String(sequence) } },
      ...(changeId === null ? [] : [text('provident.change_id', changeId)]),
    ],
  };
}

const text = (key: string, value: string): KeyValue => ({ key, value: { stringValue: value } });
const nanosOf = (ms: number): string => `${ms}000000`;

/** What JSON can say, as a value. */
export function anyValue(value: unknown): AnyValue {
  if (value === null || value === undefined) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: Object.entries(value).map(([key, each]) => ({ key, value: anyValue(each) })) } };
}
