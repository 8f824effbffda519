import type { SynchronizationSecret, SynchronizationSecretsOrder } from '@provident/contracts';
import { type JobDefinition, type SecretUse, secretUses } from '@provident/domain';

import { BadRequest } from '../http/bad-request.js';

/** Graph's keys that mean the token, or the password, by which a target lets us in. */
const tokens: ReadonlySet<string> = new Set(['SecretToken', 'Oauth2AccessToken', 'AppKey']);
const passwords: ReadonlySet<string> = new Set(['Password']);
const clientSecrets: ReadonlySet<string> = new Set(['Oauth2ClientSecret', 'ClientSecret']);

const placeOf = (key: string): RegExp | null => {
  if (tokens.has(key)) return /\.bearer$/;
  if (passwords.has(key)) return /\.password$/i;
  return clientSecrets.has(key) ? /\.clientSecret$/ : null;
};

/** What a job's target is reached with, by Graph's keys: settings with their values, secrets without. Given back as it is, it changes nothing. */
export function secretsShown(definition: JobDefinition): SynchronizationSecret[] {
  const uses = targetSecrets(definition);
  const { SyncAll: _, ...shown } = settingsOf(definition);
  const settings = Object.entries(shown).flatMap(([key, value]) => (typeof value === 'string' ? [{ key, value }] : []));
  const secrets = ['SecretToken', 'Password', 'Oauth2ClientSecret'].filter((key) => uses.some(({ place }) => placeOf(key)!.test(place)));
  return [...settings, ...secrets.map((key) => ({ key, value: null }))];
}

/**
 * Which secrets of the vault a request sets, by what the job's target refers to. Settings that are no secrets are taken when they say what the job says
 * already: they are changed in the job file.
 * @throws BadRequest for what the job does not refer to, without repeating a value
 */
export function secretsToSet(
  definition: JobDefinition,
  wanted: SynchronizationSecretsOrder['value'],
): { readonly name: string; readonly value: string }[] {
  const uses = targetSecrets(definition);
  return wanted.flatMap(({ key, value }) => {
    if (value === null || value === '') return [];
    const place = placeOf(key);
    if (place) return [{ name: nameIn(definition, uses, key, place), value }];
    if (value === settingsOf(definition)[key]) return [];
    throw new BadRequest(
      key in settingsOf(definition)
        ? `${key} is no secret: the file of job "${definition.job}" says it, and says something else`
        : `${key} is not known to job "${definition.job}"; supported: ${[...tokens, ...passwords, ...clientSecrets, ...Object.keys(settingsOf(definition))].join(', ')}`,
    );
  });
}

const targetSecrets = (definition: JobDefinition): SecretUse[] =>
  secretUses(definition).filter(({ place }) => place.startsWith('target.config.'));

function nameIn(definition: JobDefinition, uses: readonly SecretUse[], key: string, wanted: RegExp): string {
  const use = uses.find(({ place }) => wanted.test(place));
  if (!use) throw new BadRequest(`the target of job "${definition.job}" takes no ${key}`);
  if ('secret' in use.ref) return use.ref.secret;
  const where = 'env' in use.ref ? `the environment variable ${use.ref.env}` : `the file ${use.ref.file}`;
  throw new BadRequest(`job "${definition.job}" takes its ${key} from ${where}: let its ${use.place} be { secret: NAME } to set it here`);
}

interface Auth {
  readonly basic?: { readonly username?: unknown };
  readonly oauth2?: { readonly clientId?: unknown; readonly tokenUrl?: unknown };
}

/** What Graph keeps among the secrets and is none. */
function settingsOf({ target }: JobDefinition): Readonly<Record<string, unknown>> {
  const { url, auth } = target.config as { url?: unknown; auth?: Auth };
  const { clientId, tokenUrl } = auth?.oauth2 ?? {};
  return {
    BaseAddress: url,
    UserName: auth?.basic?.username,
    Oauth2ClientId: clientId,
    Oauth2TokenExchangeUri: tokenUrl,
    SyncAll: 'false',
  };
}
