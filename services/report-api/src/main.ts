import { fileURLToPath } from 'node:url';

import { openNatsSimulations, type SimulationStore } from '@provident/bus';
import { openAllConnections, readModelDataSource } from '@provident/report';
import { bootstrap, ConfigUnusable, DatabaseUnusable, nestLogger, openVault, type ServicePorts } from '@provident/service-kit';

import { NatsBroker } from './adapters/nats-broker.js';
import { NatsCommands } from './adapters/nats-commands.js';
import { VaultSecrets } from './adapters/vault-secrets.js';
import { openAccess, type Access } from './access/open-access.js';
import { accessSettings } from './access/settings.js';
import { TokenFileUnusable } from './access/first-token.js';
import { ReportApiConfig } from './config.js';
import { readTls, type TlsFiles, TlsUnusable } from './http/tls-files.js';
import { listen } from './listen.js';
import { Erasures } from './privacy/erasures.js';
import { type People, VaultPeople } from './privacy/people.js';
import { PortalFiles } from './portal/portal-files.js';
import { reportApiModule } from './report-api.module.js';

/** This file is in `services/report-api/dist`, as compiled and as bundled. */
const builtPortal = fileURLToPath(new URL('../../portal/dist/public', import.meta.url));

/** Made with the module, and needed by its server. */
let access: Access;
let people: People;

await bootstrap({
  name: 'report-api',
  config: ReportApiConfig,
  module: async (ports: ServicePorts, config) => {
    const { connection, durability, log, logger, monitor, now, config: base } = ports;
    const simulations = await openNatsSimulations(connection);
    access = await accessOf(ports, config, simulations);
    const vault = await openVault(config);
    const keys = vault.people();
    const erasures = new Erasures(keys, log, ports.appender, now);
    // Before anybody can ask for anything: what was destroyed is destroyed, and known to be.
    await erasures.tellAll();
    await erasures.destroyAgain(ports.signal);
    people = new VaultPeople(keys, erasures, now);
    return reportApiModule({
      dataSource: await openReadModels(config),
      monitor,
      commands: new NatsCommands(connection),
      broker: new NatsBroker(connection, log, base.PROVIDENT_STREAM, durability),
      simulations,
      secrets: new VaultSecrets(vault, access.log, now),
      people,
      logger,
      baseDir: config.PROVIDENT_BASE_DIR ?? process.cwd(),
      graph: { tenantId: config.PROVIDENT_TENANT_ID, publicUrl: config.PROVIDENT_PUBLIC_URL },
      portal: await PortalFiles.load(config.PROVIDENT_PORTAL_DIR ?? builtPortal),
      access,
    });
  },
  listen: async (module, { logger, monitor }, config) => {
    const tlsFiles = tlsFilesOf(config);
    const tls = tlsFiles && (await readTls(tlsFiles).catch(inOneLine));
    const http = {
      host: config.HOST,
      port: config.PORT,
      corsOrigins: config.PROVIDENT_CORS_ORIGINS,
      trustedProxies: config.PROVIDENT_TRUSTED_PROXIES,
      monitor,
    };
    return listen(module, { ...http, tls, tlsFiles, access: access.hooks, people }, nestLogger(logger));
  },
});

async function accessOf(
  { log, appender, logger, now }: ServicePorts,
  config: ReportApiConfig,
  simulations: SimulationStore,
): Promise<Access> {
  const settings = accessSettings(config);
  if (settings.signIn === 'open')
    logger.warn(`anybody who reaches ${config.HOST} may do everything: nobody has to sign in (PROVIDENT_INSECURE_BIND)`);
  return openAccess({
    settings,
    databaseUrl: config.DATABASE_URL,
    log,
    appender,
    simulations,
    requestsAMinute: config.PROVIDENT_RATE_LIMIT,
    tokenFile: config.PROVIDENT_TOKEN_FILE ?? null,
    instance: config.PROVIDENT_INSTANCE,
    now,
    onTrouble: (error) => logger.error({ err: error }, 'who was let in could not be written down'),
  }).catch(inOneLine);
}

function tlsFilesOf({ PROVIDENT_TLS_CERT: cert, PROVIDENT_TLS_KEY: key }: ReportApiConfig): TlsFiles | null {
  return cert === undefined || key === undefined ? null : { cert, key };
}

/** What the operator can mend is one line, without a stack. */
function inOneLine(error: unknown): never {
  if (error instanceof TokenFileUnusable || error instanceof TlsUnusable) throw new ConfigUnusable(error.message, { cause: error });
  throw error;
}

/** The projector makes the tables; until it has, the API answers that it is not ready. */
async function openReadModels({ DATABASE_URL, READ_MODEL_SCHEMA }: ReportApiConfig) {
  try {
    const dataSource = await readModelDataSource({
      url: DATABASE_URL,
      schema: READ_MODEL_SCHEMA,
      applicationName: 'provident report-api',
      statementTimeoutMs: 10_000,
      isKeptReady: true,
    }).initialize();
    await openAllConnections(dataSource);
    return dataSource;
  } catch (cause) {
    throw new DatabaseUnusable(
      `the read models cannot be read: ${(cause as Error).message}; is Postgres running where DATABASE_URL says?`,
      { cause },
    );
  }
}
