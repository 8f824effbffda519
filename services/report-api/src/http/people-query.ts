import { z } from 'zod';

import { limit, Text } from './queries.js';

export const PeopleQuery = z.strictObject({ search: Text, limit: limit(100, 20) });
export type PeopleQuery = z.infer<typeof PeopleQuery>;
