import { RoleName } from '@provident/contracts';
import { canBeLimited, type Grant, jobIdPattern, roles } from '@provident/domain';
import { z } from 'zod';

import { isTrustworthy, type OpenIdSettings } from './openid.js';

/** Of those that sign with a private key: whoever can check a token must not be able to make one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const;

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);
export const isLoopback = (host: string): boolean => loopback.has(host);

const listed = (text: string): string[] => text.split(/[\s,]+/).filter((each) => each !== '');
const Address = z.string().refine(isTrustworthy, 'must be an https address (http only on this machine)');

const GrantText = z.union([
  RoleName,
  z
    .strictObject({ role: RoleName, jobs: z.array(z.string().regex(jobIdPattern)).min(1).optional() })
    .refine(({ role, jobs }) => jobs === undefined || canBeLimited(role), 'a security administrator cannot be limited to jobs'),
]);
type GrantText = z.infer<typeof GrantText>;
const RoleMap = z.record(z.string().min(1), z.union([GrantText, z.array(GrantText)]));

const parsedRoles = (text: string, context: z.RefinementCtx): z.infer<typeof RoleMap> => {
  const parsed = RoleMap.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const example = '{"Provisioning.Reader":"reports-reader","slack-team":{"role":"operator","jobs":["slack"]}}';
  context.addIssue(`must be JSON such as ${example}, with the roles ${roles.join(', ')}`);
  return z.NEVER;
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the environment says of who is let in. */
export const accessShape = {
  PROVIDENT_SIGN_IN: z
    .enum(['required', 'off'])
    .optional()
    .describe('Whether callers have to prove who they are; required beyond this machine and with an OpenID issuer, else off by default'),
  PROVIDENT_INSECURE_BIND: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Whether the API may listen beyond this machine although it asks nobody who they are'),
  PROVIDENT_TOKEN_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('Where an administrator token of this machine is kept, for its owner alone; made at the start when sign-in is required'),
  PROVIDENT_OIDC_ISSUER: Address.optional().describe('Issuer of access tokens, as they name it'),
  PROVIDENT_OIDC_AUDIENCE: z.string().min(1).optional().describe('For whom access tokens must be made: one or several, with commas'),
  PROVIDENT_OIDC_JWKS_URL: Address.optional().describe("Where the issuer's keys are; found by discovery by default"),
  PROVIDENT_OIDC_ALGORITHMS: z
    .string()
    .default('RS256,PS256,ES256,EdDSA')
    .transform(listed)
    .pipe(z.array(z.enum(algorithms, `must be among ${algorithms.join(', ')}`)).min(1))
    .describe('Algorithms of access tokens'),
  PROVIDENT_OIDC_CLOCK_TOLERANCE: z.coerce.number().int().min(0).max(300).default(30).describe('Seconds by which clocks may differ'),
  PROVIDENT_OIDC_ROLES_CLAIM: z.string().min(1).default('roles').describe('Claim with roles or groups; a dot leads into a member'),
  PROVIDENT_OIDC_ROLES: z
    .string()
    .transform(parsedRoles)
    .optional()
    .describe('What the values of that claim grant, as JSON; by default the names of the roles themselves'),
  PROVIDENT_OIDC_NAME_CLAIMS: z
    .string()
    .default('preferred_username,upn,email,azp,appid')
    .transform(listed)
    .describe('Claims of which the first that is there names the caller; else "sub"'),
  PROVIDENT_OIDC_CLIENT_ID: z.string().min(1).optional().describe('Public client by which the portal signs people in'),
  PROVIDENT_OIDC_SCOPES: z.string().default('openid profile').transform(listed).describe('Scopes that the portal asks for'),
} as const;

const AccessConfig = z.object(accessShape).extend({ HOST: z.string() });
export type AccessConfig = z.infer<typeof AccessConfig>;

/** Who is let in. */
export interface AccessSettings {
  /** `required`: whoever has proven who they are. `this-machine`: everybody on it. `open`: everybody. */
  readonly signIn: 'required' | 'this-machine' | 'open';
  readonly openId: OpenIdSettings | null;
  /** For the portal. */
  readonly clientId: string | null;
  readonly scopes: readonly string[];
}

/** Why the configuration cannot be used, in a sentence; null when it can. */
export function accessProblem({
  HOST,
  PROVIDENT_SIGN_IN: signIn,
  PROVIDENT_INSECURE_BIND: insecure,
  PROVIDENT_OIDC_ISSUER: issuer,
  PROVIDENT_OIDC_AUDIENCE: audience,
}: AccessConfig): { path: string; message: string } | null {
  if (issuer !== undefined && audience === undefined)
    return { path: 'PROVIDENT_OIDC_AUDIENCE', message: 'must say for whom access tokens are made: those for others would be taken too' };
  if (issuer === undefined && audience !== undefined)
    return { path: 'PROVIDENT_OIDC_ISSUER', message: 'is missing: PROVIDENT_OIDC_AUDIENCE alone lets nobody in' };
  if (issuer !== undefined && signIn === 'off')
    return { path: 'PROVIDENT_SIGN_IN', message: 'is off although PROVIDENT_OIDC_ISSUER says who signs people in: remove one of them' };
  const isOpen = signIn !== 'required' && issuer === undefined && insecure !== 'true';
  if (!isLoopback(HOST) && isOpen)
    return {
      path: 'HOST',
      message:
        'the API would be open to everybody who can reach this address: set PROVIDENT_SIGN_IN=required (API tokens) or PROVIDENT_OIDC_ISSUER, or keep 127.0.0.1; PROVIDENT_INSECURE_BIND=true waives it',
    };
  return null;
}

export function accessSettings(config: AccessConfig): AccessSettings {
  const openId = openIdOf(config);
  const isRequired = config.PROVIDENT_SIGN_IN === 'required' || openId !== null;
  return {
    signIn: isRequired ? 'required' : isLoopback(config.HOST) ? 'this-machine' : 'open',
    openId,
    clientId: config.PROVIDENT_OIDC_CLIENT_ID ?? null,
    scopes: config.PROVIDENT_OIDC_SCOPES,
  };
}

function openIdOf(config: AccessConfig): OpenIdSettings | null {
  const { PROVIDENT_OIDC_ISSUER: issuer, PROVIDENT_OIDC_AUDIENCE: audience, PROVIDENT_OIDC_ROLES: map } = config;
  if (issuer === undefined || audience === undefined) return null;
  return {
    issuer,
    audiences: listed(audience),
    algorithms: config.PROVIDENT_OIDC_ALGORITHMS,
    clockToleranceS: config.PROVIDENT_OIDC_CLOCK_TOLERANCE,
    jwksUrl: config.PROVIDENT_OIDC_JWKS_URL ?? null,
    rolesClaim: config.PROVIDENT_OIDC_ROLES_CLAIM,
    grantsOf: map === undefined ? namedRole : (value) => [Object.hasOwn(map, value) ? map[value]! : []].flat().map(grant),
    nameClaims: config.PROVIDENT_OIDC_NAME_CLAIMS,
  };
}

const grant = (text: GrantText): Grant =>
  typeof text === 'string' ? { role: text, jobs: null } : { role: text.role, jobs: text.jobs ?? null };

const namedRole = (value: string): Grant[] => {
  const role = RoleName.safeParse(value);
  return role.success ? [{ role: role.data, jobs: null }] : [];
};
