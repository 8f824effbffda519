import { z } from 'zod';

export const streamPaths = {
  streams: '/provident/v1/streams',
  keys: '/provident/v1/streams/keys',
  stream: '/provident/v1/streams/:streamId',
  pause: '/provident/v1/streams/:streamId/pause',
  start: '/provident/v1/streams/:streamId/start',
  test: '/provident/v1/streams/:streamId/test',
} as const;

export const StreamId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 lower-case letters, digits and hyphens, the first one a letter or a digit');

const secretName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must be the name of a secret, as "provident secret set NAME" put it into the vault');
const webAddress = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .refine((url) => !/^[a-z]+:\/\/[^/]*@/i.test(url), 'must hold no credentials: name a secret instead');

/** At this size a file is put aside and the next one begun. */
const defaultRotateBytes = 64 * 1024 * 1024;

export const WebhookDestination = z.strictObject({
  kind: z.literal('webhook'),
  url: webAddress,
  /** Name of the secret that requests are signed with. */
  secret: secretName,
  /** Name of the secret that is sent as bearer token. */
  bearer: secretName.optional(),
});
export const OtlpDestination = z.strictObject({ kind: z.literal('otlp'), url: webAddress, bearer: secretName.optional() });
export const FileDestination = z.strictObject({
  kind: z.literal('file'),
  /** Name of the file, in the folder that the installation has for such files. */
  file: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must be a name of letters, digits, dots, hyphens and underscores, without a folder'),
  rotateBytes: z.int().min(4_096).max(1_099_511_627_776).default(defaultRotateBytes),
  /** Files that were put aside and are kept; all of them without it. */
  keep: z.int().min(1).max(10_000).optional(),
});
export const NatsDestination = z.strictObject({
  kind: z.literal('nats'),
  subject: z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'must be a subject without wildcards, such as audit.provident')
    .refine((subject) => !/^(provisioning|provident|_INBOX)(\.|$)/i.test(subject), 'is used by the service itself'),
});

/** Where a stream goes. Of secrets it has the names alone. */
export const StreamDestination = z.discriminatedUnion('kind', [WebhookDestination, FileDestination, OtlpDestination, NatsDestination]);
export type StreamDestination = z.infer<typeof StreamDestination>;

/** Who signs security event tokens, and for whom. */
export const TokenSettings = z.strictObject({
  /** Name of the secret with the private key: PKCS #8 in PEM, or a JWK. */
  signingKey: secretName,
  issuer: z.string().min(1).max(500),
  audience: z.string().min(1).max(500),
});
export type TokenSettings = z.infer<typeof TokenSettings>;

export const StreamFormat = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cloudevents') }),
  z.strictObject({ kind: z.literal('ocsf') }),
  z.strictObject({ kind: z.literal('set'), token: TokenSettings }),
]);
export type StreamFormat = z.infer<typeof StreamFormat>;

export const streamContents = ['provisioning', 'audits'] as const;
export const streamActivities = ['import', 'synchronization-rule', 'export', 'process-escrow', 'job'] as const;
export const streamStatuses = ['success', 'failure', 'skipped', 'warning'] as const;

/** What a stream tells of: all of it where nothing is said. */
export const StreamFilter = z.strictObject({
  contents: z.array(z.enum(streamContents)).min(1).optional(),
  jobs: z.array(z.string().min(1).max(100)).min(1).max(500).optional(),
  /** Of audit events. */
  activities: z.array(z.enum(streamActivities)).min(1).optional(),
  statuses: z.array(z.enum(streamStatuses)).min(1).optional(),
});
export type StreamFilter = z.infer<typeof StreamFilter>;

/** What a stream is, once it was made. */
export const StreamDefinition = z.object({
  streamId: StreamId,
  destination: StreamDestination,
  format: StreamFormat,
  filter: StreamFilter,
});
export type StreamDefinition = z.infer<typeof StreamDefinition>;

/** Why a format does not go together with the rest; null when it does. */
export function streamProblem({
  destination,
  format,
  filter,
}: Omit<StreamDefinition, 'streamId'>): { path: string; message: string } | null {
  if (format.kind !== 'set') return null;
  if (destination.kind === 'otlp')
    return { path: 'format', message: 'log endpoints take cloudevents or ocsf, and no security event tokens' };
  const { contents, activities, statuses } = filter;
  const isEmpty =
    (contents && !contents.includes('audits')) ||
    (activities && !activities.includes('export')) ||
    (statuses && !statuses.includes('success'));
  return isEmpty
    ? {
        path: 'filter',
        message: 'security event tokens tell of writes that succeeded, which this filter leaves out: audits, export, success',
      }
    : null;
}

export const AddStreamOrder = z
  .strictObject({
    streamId: StreamId,
    destination: StreamDestination,
    format: StreamFormat.default({ kind: 'cloudevents' }),
    filter: StreamFilter.default({}),
    /** Log sequence behind which it begins: 0 for everything that is there; at the newest event without it. */
    from: z.int().nonnegative().optional(),
  })
  .superRefine((order, context) => {
    const problem = streamProblem(order);
    if (problem) context.addIssue({ code: 'custom', path: [problem.path], message: problem.message });
  });
export type AddStreamOrder = z.infer<typeof AddStreamOrder>;

/** `from`: goes on behind this log sequence instead of where it was. */
export const StartStreamOrder = z.strictObject({ from: z.int().nonnegative().optional() });
export type StartStreamOrder = z.infer<typeof StartStreamOrder>;

/** A stream and how it stands. */
export const StreamView = StreamDefinition.extend({
  addedAt: z.string(),
  addedBy: z.string(),
  /** `waiting`: the destination did not take what was sent, and is tried again at `nextAttemptAt`. */
  state: z.enum(['running', 'waiting', 'paused']),
  /** Log sequence up to which the destination has everything. */
  position: z.number(),
  /** Events of the log behind it. */
  lagEvents: z.number(),
  /** How long ago the oldest of them happened; 0 when there is none. */
  lagSeconds: z.number(),
  delivered: z.number(),
  /** Records that the destination has said it does not take. */
  refused: z.number(),
  deliveredAt: z.string().nullable(),
  failures: z.number(),
  lastError: z.string().nullable(),
  lastErrorAt: z.string().nullable(),
  nextAttemptAt: z.string().nullable(),
});
export type StreamView = z.infer<typeof StreamView>;
export const StreamsView = z.object({ streams: z.array(StreamView) });
export type StreamsView = z.infer<typeof StreamsView>;

/** Public keys that security event tokens can be verified with. */
export const StreamKeysView = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });
export type StreamKeysView = z.infer<typeof StreamKeysView>;
