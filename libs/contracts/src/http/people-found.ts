import { z } from 'zod';

/** An object that a search by the beginning of a name or of an identifier has found, as its latest change shows it. */
export const PersonFound = z.object({
  jobId: z.string(),
  objectType: z.string(),
  sourceId: z.string().nullable(),
  targetId: z.string().nullable(),
  displayName: z.string().nullable(),
  matchingValue: z.string().nullable(),
});
export type PersonFound = z.infer<typeof PersonFound>;

export const PeopleFoundView = z.object({ people: z.array(PersonFound) });
export type PeopleFoundView = z.infer<typeof PeopleFoundView>;

/** `search`: the beginning of a name (from any of its words on), of a user name or other matching value, or of an id. */
export const peoplePath = '/provident/v1/people';
