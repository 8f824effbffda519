import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';

import { badRequestOf } from './bad-request.js';

/** Parses a query or a body by its schema; anything unknown is refused with what is supported. */
class ParsedPipe<Schema extends z.ZodObject> implements PipeTransform {
  constructor(
    private readonly schema: Schema,
    private readonly what: 'parameter' | 'member',
  ) {}

  transform(value: unknown): z.infer<Schema> {
    const parsed = this.schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw badRequestOf(parsed.error, this.what, Object.keys(this.schema.shape));
  }
}

export const parsedQuery = <Schema extends z.ZodObject>(schema: Schema): PipeTransform => new ParsedPipe(schema, 'parameter');
export const parsedBody = <Schema extends z.ZodObject>(schema: Schema): PipeTransform => new ParsedPipe(schema, 'member');
