import { fileURLToPath } from 'node:url';

import { openNatsSimulations } from '@provident/bus';
import { readModelDataSource } from '@provident/report';
import { bootstrap, DatabaseUnusable, nestLogger, openVault, type ServicePorts } from '@provident/service-kit';

import { EventAdministrationLog } from './adapters/event-administration-log.js';
import { NatsBroker } from './adapters/nats-broker.js';
import { NatsCommands } from './adapters/nats-commands.js';
import { VaultSecrets } from './adapters/vault-secrets.js';
import { ReportApiConfig } from './config.js';
import { listen } from './listen.js';
import { PortalFiles } from './portal/portal-files.js';
import { reportApiModule } from './report-api.module.js';

/** This file is `services/report-api/dist/main.js`. */
const builtPortal = fileURLToPath(new URL('../../portal/dist/public', import.meta.url));

await bootstrap({
  name: 'report-api',
  config: ReportApiConfig,
  module: async ({ connection, log, logger, config: base }: ServicePorts, config) =>
    reportApiModule({
      dataSource: await openReadModels(config),
      commands: new NatsCommands(connection),
      broker: new NatsBroker(connection, log, base.PROVIDENT_STREAM),
      simulations: await openNatsSimulations(connection),
      secrets: new VaultSecrets(await openVault(config), new EventAdministrationLog(log)),
      logger,
      baseDir: config.PROVIDENT_BASE_DIR ?? process.cwd(),
      graph: { tenantId: config.PROVIDENT_TENANT_ID, publicUrl: config.PROVIDENT_PUBLIC_URL },
      portal: await PortalFiles.load(config.PROVIDENT_PORTAL_DIR ?? builtPortal),
    }),
  listen: (module, { logger }, config) => listen(module, config, nestLogger(logger)),
});

/** The projector makes the tables; until it has, the API answers that it is not ready. */
async function openReadModels({ DATABASE_URL, READ_MODEL_SCHEMA }: ReportApiConfig) {
  try {
    return await readModelDataSource({
      url: DATABASE_URL,
      schema: READ_MODEL_SCHEMA,
      applicationName: 'provident report-api',
      statementTimeoutMs: 10_000,
    }).initialize();
  } catch (cause) {
    throw new DatabaseUnusable(
      `the read models cannot be read: ${(cause as Error).message}; is Postgres running where DATABASE_URL says?`,
      { cause },
    );
  }
}
