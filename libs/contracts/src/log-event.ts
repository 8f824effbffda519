import type { DataOf, EventDefinition } from './define-event.js';
import { eventDefinitions } from './define-event.js';
import type { Lane, Stage } from './subjects.js';

/** One event as it stands in the log. */
export interface LogEvent<Data = unknown> {
  /** Position in the log: 1 for the first event; never reused. */
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  /** UTC, ISO 8601 with milliseconds: when it happened. */
  readonly at: string;
  readonly jobId: string;
  readonly lane: Lane;
  readonly stage: Stage;
  /** Log sequence of the event that this one answers; 0 for none. */
  readonly cause: number;
  /** Every input of this stage and lane up to here was answered with this event's append. */
  readonly position: number;
  readonly data: Data;
}

/** True, and typed, when the event is of that definition. */
export function is<Definition extends EventDefinition>(event: LogEvent, definition: Definition): event is LogEvent<DataOf<Definition>> {
  return event.type === definition.type;
}

/** The event could not be read: unknown type or version, or a body of another shape. */
export class UnreadableEvent extends Error {
  override readonly name = 'UnreadableEvent';
}

const wireName = /^provident\.([a-z0-9-]+)\.v(\d+)$/;
export const wireTypeOf = (definition: EventDefinition): string => `provident.${definition.type}.v${definition.version}`;

/**
 * Reads the data of an event of any published version.
 * @throws UnreadableEvent when this build cannot read it
 */
export function readData(wireType: string, json: unknown): { type: string; data: unknown } {
  const parts = wireName.exec(wireType);
  const definition = parts && eventDefinitions().get(parts[1]!);
  if (!parts || !definition) throw new UnreadableEvent(`unknown event type ${wireType}`);
  const version = Number(parts[2]);
  if (version > definition.version)
    throw new UnreadableEvent(`${wireType} is newer than version ${definition.version}, the newest that this build reads`);
  let data = json;
  for (let from = version; from < definition.version; from++) {
    const upcast = definition.upcasters[from];
    if (!upcast) throw new UnreadableEvent(`no upcaster for ${definition.type} from version ${from}`);
    data = upcast(data);
  }
  const parsed = definition.schema.safeParse(data);
  if (!parsed.success)
    throw new UnreadableEvent(
      `${wireType} has another shape: ${parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
  return { type: definition.type, data: parsed.data };
}
