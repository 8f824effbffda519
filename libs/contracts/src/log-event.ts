import type { z } from 'zod';

import type { DataOf, EventDefinition } from './define-event.js';
import { eventDefinitions } from './define-event.js';
import { shapeOf } from './event-shape.js';
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
  /** The data as they stand in the log, JSON in UTF-8, for whoever passes them on; absent when the event did not come from there. */
  readonly raw?: Uint8Array;
  /** Present when values in the data were erased, and `(erased)` stands in their place. */
  readonly isErased?: true;
}

/** Names an event at its place in the log, so that it can be told later whether it stands there still. */
export const landmarkOf = ({ sequence, at, id }: Pick<LogEvent, 'sequence' | 'at' | 'id'>): string => `${sequence} ${at} ${id}`;

export const placeOfLandmark = (landmark: string): number => Number.parseInt(landmark, 10);

/** True, and typed, when the event is of that definition. */
export function is<Definition extends EventDefinition>(event: LogEvent, definition: Definition): event is LogEvent<DataOf<Definition>> {
  return event.type === definition.type;
}

/** The event's data are not what its definition says: a bug of the writer. */
export class MisshapenEvent extends Error {
  override readonly name = 'MisshapenEvent';
}

/** The event could not be read: unknown type or version, or a body of another shape. */
export class UnreadableEvent extends Error {
  override readonly name = 'UnreadableEvent';
}

const wireName = /^provident\.([a-z0-9-]+)\.v(\d+)$/;
export const wireTypeOf = (definition: EventDefinition): string => `provident.${definition.type}.v${definition.version}`;

/**
 * The data as JSON, checked: the log holds nothing that its definition does not describe.
 * @throws MisshapenEvent
 */
export function writeData(definition: EventDefinition, data: unknown): string {
  const parsed = definition.schema.safeParse(data);
  if (!parsed.success) throw new MisshapenEvent(`${definition.type} has another shape: ${issuesOf(parsed.error)}`);
  return JSON.stringify(parsed.data);
}

interface Written {
  readonly definition: EventDefinition;
  readonly version: number;
}

/** There are few types, and each is read many times over. */
const written = new Map<string, Written>();

/** @throws UnreadableEvent */
function definitionOf(wireType: string): Written {
  const known = written.get(wireType);
  if (known) return known;
  const parts = wireName.exec(wireType);
  const definition = parts && eventDefinitions().get(parts[1]!);
  if (!parts || !definition) throw new UnreadableEvent(`unknown event type ${wireType}`);
  const found = { definition, version: Number(parts[2]) };
  written.set(wireType, found);
  return found;
}

/**
 * Reads the data of an event of any published version.
 * @param shape the shape in which it was written, as `shapeOf` names it; empty when it is not known
 * @throws UnreadableEvent when this build cannot read it
 */
export function readData(wireType: string, shape: string, json: unknown): { type: string; data: unknown } {
  const { definition, version } = definitionOf(wireType);
  if (version > definition.version)
    throw new UnreadableEvent(`${wireType} is newer than version ${definition.version}, the newest that this build reads`);
  if (version === definition.version && shape === shapeOf(definition)) return { type: definition.type, data: json };
  let data = json;
  for (let from = version; from < definition.version; from++) {
    const upcast = definition.upcasters[from];
    if (!upcast) throw new UnreadableEvent(`no upcaster for ${definition.type} from version ${from}`);
    data = upcast(data);
  }
  const parsed = definition.schema.safeParse(data);
  if (!parsed.success) throw new UnreadableEvent(`${wireType} has another shape: ${issuesOf(parsed.error)}`);
  return { type: definition.type, data: parsed.data };
}

const issuesOf = ({ issues }: z.ZodError): string => issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
