import { createHash } from 'node:crypto';

import { z } from 'zod';

import type { EventDefinition } from './define-event.js';

const shapes = new WeakMap<EventDefinition, string>();

/**
 * Names the shape of an event's data as this build writes it. Whoever reads data that was written in the very shape that it would check for does not
 * have to check it again.
 */
export function shapeOf(definition: EventDefinition): string {
  let shape = shapes.get(definition);
  if (shape === undefined) {
    const description = JSON.stringify(z.toJSONSchema(definition.schema, { unrepresentable: 'any' }));
    shape = createHash('sha256').update(`${definition.version} ${description}`).digest('base64url').slice(0, 12);
    shapes.set(definition, shape);
  }
  return shape;
}
