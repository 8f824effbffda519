import { apiPaths, EventView } from '@provident/contracts/http';
import { z } from 'zod';

import { getJson } from './request.js';

const Events = z.object({ events: z.array(EventView) });

export interface EventsAsked {
  /** Log sequence behind which to begin. */
  readonly after?: number | undefined;
  readonly job?: string | undefined;
  readonly type?: string | undefined;
  readonly user?: string | undefined;
  readonly limit: number;
}

/** Events in the order of the log. */
export const listEvents = async (asked: EventsAsked, signal?: AbortSignal): Promise<EventView[]> =>
  (await getJson(Events, apiPaths.events, { ...asked }, signal)).events;
