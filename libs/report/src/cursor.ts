import { z } from 'zod';

/** The cursor was not made by this API, or for another question. */
export class BadCursor extends Error {
  override readonly name = 'BadCursor';
  constructor() {
    super('the cursor is not one that this API gave out: take "next" of the page before, or begin without one');
  }
}

/** Opaque to clients: the sort key of the last row they have seen. */
export const printCursor = (key: readonly (string | number)[]): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/** @throws BadCursor */
export function parseCursor<Schema extends z.ZodType>(schema: Schema, cursor: string): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new BadCursor();
  }
}
