import type { Appender, EventLog, SimulationStore } from '@provident/bus';
import { AccessDenied } from '@provident/contracts';
import { openDatabase } from '@provident/service-kit';

import { AccessControl } from './access-control.js';
import type { AccessHooks } from './access-hooks.js';
import { AccessLog } from './access-log.js';
import { Denials, type DenialsOptions } from './denials.js';
import { keepFirstToken } from './first-token.js';
import { OpenIdTokens } from './openid.js';
import { RateLimit } from './rate-limit.js';
import type { AccessSettings } from './settings.js';
import { accessMigrations, accessSchema } from './token-schema.js';
import { TokenStore } from './token-store.js';

export interface AccessEnvironment {
  readonly settings: AccessSettings;
  readonly databaseUrl: string;
  /** Postgres schema of the tokens. */
  readonly schema?: string;
  readonly log: Pick<EventLog, 'findLast'>;
  readonly appender: Pick<Appender, 'append'>;
  readonly simulations: SimulationStore;
  /** Of each caller who signed in; 0 for no limit. */
  readonly requestsAMinute: number;
  /** Failed attempts to sign in from one address; 0 for no limit. */
  readonly failuresAMinute?: number;
  /** Where the token of this machine is; null where there is none. */
  readonly tokenFile: string | null;
  /** Names this instance. */
  readonly instance: string;
  readonly now: () => Date;
  readonly onTrouble: (error: unknown) => void;
  readonly denials?: Pick<DenialsOptions, 'windowMs' | 'mostCallers'>;
}

/** Everything that decides who is let in. */
export interface Access {
  readonly settings: AccessSettings;
  readonly tokens: TokenStore;
  readonly log: AccessLog;
  readonly hooks: AccessHooks;
  close(): Promise<void>;
}

/** @throws DatabaseUnusable, TokenFileUnusable */
export async function openAccess(environment: AccessEnvironment): Promise<Access> {
  const { settings, databaseUrl, schema = accessSchema, appender, now, onTrouble, tokenFile, instance } = environment;
  const database = await openDatabase({ url: databaseUrl, schema, entities: [], migrations: accessMigrations, isMadeFromLog: false });
  const tokens = new TokenStore(database, now);
  const log = new AccessLog(environment.log, appender, now);
  const isNeeded = settings.signIn === 'required';
  if (tokenFile !== null) await keepFirstToken({ file: tokenFile, isNeeded, name: `administrator of ${instance}` }, tokens, log);
  const denials = new Denials({ ...environment.denials, tell: (denied) => log.record(AccessDenied, denied), onTrouble, now });
  const openId = settings.openId && new OpenIdTokens(settings.openId);
  const nowMs = (): number => now().getTime();
  return {
    settings,
    tokens,
    log,
    hooks: {
      control: new AccessControl({ settings, tokens, openId, onTrouble }),
      log,
      denials,
      simulations: environment.simulations,
      requests: new RateLimit(environment.requestsAMinute, nowMs),
      failures: new RateLimit(environment.failuresAMinute ?? 30, nowMs),
    },
    async close() {
      await denials.end();
      await database.destroy();
    },
  };
}
