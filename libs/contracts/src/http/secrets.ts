import { z } from 'zod';

export const secretPaths = {
  secrets: '/provident/v1/secrets',
  secret: '/provident/v1/secrets/:name',
  vault: '/provident/v1/vault',
  rotateVault: '/provident/v1/vault/rotate',
} as const;

/** A reference of a job to a secret: where it stands in the job file. */
export const SecretUseView = z.object({ jobId: z.string(), place: z.string() });

/** What is known of a secret; nobody is ever told its value. */
export const SecretView = z.object({
  name: z.string(),
  /** null: a job refers to it, and it is not there. */
  setAt: z.string().nullable(),
  setBy: z.string().nullable(),
  usedBy: z.array(SecretUseView),
  /** Ids of the streams that sign with it or get in by it; null: no audit-streamer could tell. */
  usedByStreams: z.array(z.string()).nullable(),
});
export type SecretView = z.infer<typeof SecretView>;

export const SecretsView = z.object({ secrets: z.array(SecretView) });
export type SecretsView = z.infer<typeof SecretsView>;

export const VaultView = z.object({
  /** Id of the master key that everything new is sealed under; null before the first use. */
  masterKey: z.string().nullable(),
  dataKeys: z.array(z.object({ masterKey: z.string(), count: z.number() })),
});
export type VaultView = z.infer<typeof VaultView>;

const mostCharacters = 65_536;

export const SetSecretOrder = z.strictObject({
  value: z.string().min(1, 'must not be empty').max(mostCharacters, `must have at most ${mostCharacters} characters`),
});
export type SetSecretOrder = z.infer<typeof SetSecretOrder>;

/** `force`: also one that a job refers to. */
export const DeleteSecretQuery = z.strictObject({ force: z.enum(['true', 'false']).default('false') });
export type DeleteSecretQuery = z.infer<typeof DeleteSecretQuery>;
