import { z } from 'zod';

/** A page of a collection. The link to the next is absent on the last. */
export const collectionOf = <Schema extends z.ZodType>(item: Schema) =>
  z.object({
    '@odata.context': z.string(),
    '@odata.count': z.int().optional(),
    '@odata.nextLink': z.string().optional(),
    value: z.array(item),
  });

/** Every error of the Graph paths. */
export const GraphError = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    innerError: z.object({ date: z.string(), 'request-id': z.string(), 'client-request-id': z.string() }),
  }),
});
export type GraphError = z.infer<typeof GraphError>;
