import type { Permission, Role } from '@provident/domain';
import { z } from 'zod';

import { Initiator } from '../events/common.js';

const everyRole: Readonly<Record<Role, Role>> = {
  'reports-reader': 'reports-reader',
  operator: 'operator',
  administrator: 'administrator',
  'security-administrator': 'security-administrator',
};
const everyPermission: Readonly<Record<Permission, Permission>> = {
  read: 'read',
  operate: 'operate',
  configure: 'configure',
  maintain: 'maintain',
  secure: 'secure',
};

export const RoleName = z.enum(everyRole);
export const PermissionName = z.enum(everyPermission);

/** A role, everywhere (`jobs` is null) or for some jobs. */
export const GrantView = z.object({ role: RoleName, jobs: z.array(z.string()).nullable() });
export type GrantView = z.infer<typeof GrantView>;

/** An API token as it is shown: the token itself is shown once, when it is made, and kept nowhere. */
export const TokenView = z.object({
  tokenId: z.string(),
  name: z.string(),
  grants: z.array(GrantView),
  createdAt: z.string(),
  createdBy: Initiator,
  /** null: never. */
  expiresAt: z.string().nullable(),
  /** To the hour; null: never. */
  lastUsedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  state: z.enum(['valid', 'expired', 'revoked']),
});
export type TokenView = z.infer<typeof TokenView>;

export const TokensView = z.object({ tokens: z.array(TokenView) });
export type TokensView = z.infer<typeof TokensView>;

/** `secret` is what is sent as `Authorization: Bearer …`; it cannot be shown again. */
export const TokenMadeView = z.object({ token: TokenView, secret: z.string() });
export type TokenMadeView = z.infer<typeof TokenMadeView>;

/** How one signs in: what is told to everybody. */
export const SignInView = z.object({
  /** False: whoever reaches the API may do everything. */
  required: z.boolean(),
  /** API tokens are taken. */
  tokens: z.boolean(),
  /** For the code flow with PKCE in a browser; null where there is no such sign-in. */
  openId: z
    .object({
      issuer: z.string(),
      clientId: z.string().nullable(),
      scopes: z.array(z.string()),
      /** Where people sign in, and where a code is exchanged for a token; null while the issuer does not say. */
      authorizationEndpoint: z.string().nullable().default(null),
      tokenEndpoint: z.string().nullable().default(null),
    })
    .nullable(),
});
export type SignInView = z.infer<typeof SignInView>;

/** Who asks, and what they may do. */
export const MeView = z.object({
  name: z.string(),
  /** `local`: nobody is asked who they are. */
  signedIn: z.enum(['local', 'token', 'open-id']),
  grants: z.array(GrantView),
  /** For which jobs there is each permission; null for all of them. What is not there is not allowed. */
  permissions: z.partialRecord(PermissionName, z.array(z.string()).nullable()),
  /** When this sign-in ends; null: not by itself. */
  expiresAt: z.string().nullable(),
  signIn: SignInView,
});
export type MeView = z.infer<typeof MeView>;

/** A caller who may asks by it to see sensitive values too; that they were shown is an event. */
export const revealHeader = { name: 'provident-reveal', value: 'sealed' } as const;

export const accessPaths = {
  me: '/provident/v1/me',
  signIn: '/provident/v1/sign-in',
  tokens: '/provident/v1/tokens',
  token: '/provident/v1/tokens/:tokenId',
} as const;
