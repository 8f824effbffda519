import { z } from 'zod';

import { defineEvent } from '../define-event.js';
import { StreamDefinition } from '../http/streams.js';
import { Initiator, JobIdText } from './common.js';

const about = { jobId: JobIdText, streamId: z.string(), by: Initiator };

/** Somebody lets events be sent to another system from now on. Secrets are in here by name alone. Emitted by: audit-streamer. */
export const StreamAdded = defineEvent(
  'stream-added',
  1,
  z.object({
    ...about,
    definition: StreamDefinition,
    /** Log sequence behind which it begins. */
    from: z.int().nonnegative(),
  }),
);

/** Nothing more is sent. Emitted by: audit-streamer. */
export const StreamRemoved = defineEvent(
  'stream-removed',
  1,
  z.object({
    ...about,
    /** What it was. */
    definition: StreamDefinition,
  }),
);

/** Nothing more is sent until it is started; what happens meanwhile is sent then. Emitted by: audit-streamer. */
export const StreamPaused = defineEvent('stream-paused', 1, z.object(about));

/** It is sent again, and at once if the destination was being given time. Emitted by: audit-streamer. */
export const StreamStarted = defineEvent(
  'stream-started',
  1,
  z.object({
    ...about,
    /** Log sequence behind which it goes on; null where it was. */
    from: z.int().nonnegative().nullable(),
  }),
);
