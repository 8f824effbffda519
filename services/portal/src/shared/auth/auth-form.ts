import { z } from 'zod';

/** How a SCIM target is signed in to. */
export const authWays = ['bearer', 'basic', 'oauth2', 'none'] as const;
export type AuthWay = (typeof authWays)[number];

/** Where a secret lies. */
export const secretPlaces = ['secret', 'env', 'file'] as const;
export type SecretPlace = (typeof secretPlaces)[number];

/** The same as it is typed. Of the secret only where it lies: its value is never part of a job. */
export interface AuthForm {
  readonly way: AuthWay;
  readonly place: SecretPlace;
  /** Name of the secret or the variable, or path of the file. */
  readonly name: string;
  readonly username: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly scope: string;
  readonly audience: string;
  readonly sendSecret: 'header' | 'body';
}

export const emptyAuth: AuthForm = {
  way: 'bearer',
  place: 'env',
  name: '',
  username: '',
  tokenUrl: '',
  clientId: '',
  scope: '',
  audience: '',
  sendSecret: 'header',
};

/** What has to be told for each way. */
const needed: Readonly<Record<AuthWay, readonly (keyof AuthForm)[]>> = {
  bearer: ['name'],
  basic: ['username', 'name'],
  oauth2: ['tokenUrl', 'clientId', 'name'],
  none: [],
};

export const missingInAuth = (form: AuthForm): readonly (keyof AuthForm)[] => needed[form.way].filter((field) => form[field].trim() === '');

const Secret = z.partialRecord(z.enum(secretPlaces), z.string());
const OAuth2 = z.looseObject({
  tokenUrl: z.string(),
  clientId: z.string(),
  clientSecret: Secret,
  scope: z.string().default(''),
  audience: z.string().default(''),
  sendSecret: z.enum(['header', 'body']).default('header'),
});
const Auth = z.union([
  z.object({ bearer: Secret }),
  z.object({ basic: z.object({ username: z.string(), password: Secret }) }),
  z.object({ oauth2: OAuth2 }),
  z.object({ none: z.literal(true) }),
]);

function placeOf(secret: z.infer<typeof Secret>): Pick<AuthForm, 'place' | 'name'> {
  const place = secretPlaces.find((each) => secret[each] !== undefined) ?? 'secret';
  return { place, name: secret[place] ?? '' };
}

/** @param auth of the target's settings; null when a form cannot show it */
export function authFormOf(auth: unknown): AuthForm | null {
  const parsed = Auth.safeParse(auth);
  if (!parsed.success) return null;
  const { data } = parsed;
  if ('bearer' in data) return { ...emptyAuth, way: 'bearer', ...placeOf(data.bearer) };
  if ('basic' in data) return { ...emptyAuth, way: 'basic', username: data.basic.username, ...placeOf(data.basic.password) };
  if ('none' in data) return { ...emptyAuth, way: 'none' };
  const { tokenUrl, clientId, clientSecret, scope, audience, sendSecret } = data.oauth2;
  return { ...emptyAuth, way: 'oauth2', tokenUrl, clientId, scope, audience, sendSecret, ...placeOf(clientSecret) };
}

/** For the job file. What is wrong with it is said by whoever checks the job. */
export function authOf({ way, place, name, username, tokenUrl, clientId, scope, audience, sendSecret }: AuthForm): object {
  const secret = { [place]: name.trim() };
  if (way === 'none') return { none: true };
  if (way === 'bearer') return { bearer: secret };
  if (way === 'basic') return { basic: { username: username.trim(), password: secret } };
  return {
    oauth2: {
      tokenUrl: tokenUrl.trim(),
      clientId: clientId.trim(),
      clientSecret: secret,
      ...(scope.trim() !== '' && { scope: scope.trim() }),
      ...(audience.trim() !== '' && { audience: audience.trim() }),
      sendSecret,
    },
  };
}
