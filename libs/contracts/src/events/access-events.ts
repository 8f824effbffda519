import { z } from 'zod';

import { defineEvent } from '../define-event.js';
import { Initiator, Instant, JobIdText } from './common.js';

const Grants = z.array(z.object({ role: z.string(), jobs: z.array(z.string()).nullable() }));

/** An API token was made. Of the token itself nothing is in here. Emitted by: report-api. */
export const TokenCreated = defineEvent(
  'token-created',
  1,
  z.object({
    jobId: JobIdText,
    tokenId: z.string(),
    name: z.string(),
    grants: Grants,
    /** null: never. */
    expiresAt: Instant.nullable(),
    by: Initiator,
  }),
);

/** An API token is refused from now on. Emitted by: report-api. */
export const TokenRevoked = defineEvent(
  'token-revoked',
  1,
  z.object({ jobId: JobIdText, tokenId: z.string(), name: z.string(), by: Initiator }),
);

/** Somebody asked for what they may not have; many attempts of one kind are one event. Emitted by: report-api. */
export const AccessDenied = defineEvent(
  'access-denied',
  1,
  z.object({
    jobId: JobIdText,
    /** `not-signed-in`: who it was is not known. */
    kind: z.enum(['not-signed-in', 'not-allowed', 'too-many-requests']),
    /** In a sentence, of the latest. */
    message: z.string(),
    /** `GET /path/:parameter`, of the latest; null for a path that there is not. */
    route: z.string().nullable(),
    /** The job that was meant, of the latest; null for none, or all. */
    about: z.string().nullable(),
    address: z.string(),
    by: Initiator,
    /** Attempts since the event before. */
    count: z.int().positive(),
    since: Instant,
    until: Instant,
  }),
);

/** Somebody did something that leaves no other event: took a backup, for one. Emitted by: report-api. */
export const ActionTaken = defineEvent(
  'action-taken',
  1,
  z.object({
    jobId: JobIdText,
    /** `POST /path/:parameter`. */
    route: z.string(),
    /** What it does, in the words of the API's document. */
    summary: z.string(),
    /** The job that it was about; null for none, or all. */
    about: z.string().nullable(),
    by: Initiator,
  }),
);
