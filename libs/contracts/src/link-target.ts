import { z } from 'zod';

/** The account that an object is to be linked to: by its id, or by the value of a matching attribute, of the first one when none is named. */
export const LinkTarget = z.union([
  z.strictObject({ targetId: z.string().min(1).max(1_000) }),
  z.strictObject({ value: z.string().min(1).max(1_000), attribute: z.string().min(1).max(400).optional() }),
]);
export type LinkTarget = z.infer<typeof LinkTarget>;
