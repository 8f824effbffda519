import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { SimulationStore } from '@provident/bus';
import { asksDatabase, Monitor } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import { AccessController } from './access/access.controller.js';
import { AccessLog } from './access/access-log.js';
import { Connections } from './access/connections.js';
import { modelsOfCaller } from './access/limited-models.js';
import type { Access } from './access/open-access.js';
import { OpenIdEndpoints } from './access/openid.js';
import { ACCESS_SETTINGS } from './access/tokens.js';
import { TokenStore } from './access/token-store.js';
import { askedQuestions } from './adapters/asked-questions.js';
import { ConnectionsController } from './controllers/connections.controller.js';
import { BackupController } from './controllers/backup.controller.js';
import { CredentialsController } from './controllers/credentials.controller.js';
import { DriftController } from './controllers/drift.controller.js';
import { ErasureController } from './controllers/erasure.controller.js';
import { EscrowsController } from './controllers/escrows.controller.js';
import { EventsController } from './controllers/events.controller.js';
import { HeldRemovalsController } from './controllers/held-removals.controller.js';
import { HealthController } from './controllers/health.controller.js';
import { JobsController } from './controllers/jobs.controller.js';
import { MetricsController } from './controllers/metrics.controller.js';
import { LogController } from './controllers/log.controller.js';
import { OpenApiController } from './controllers/openapi.controller.js';
import { OrdersController } from './controllers/orders.controller.js';
import { PeopleSearchController } from './controllers/people-search.controller.js';
import { PortalController } from './controllers/portal.controller.js';
import { ReadModelsController } from './controllers/read-models.controller.js';
import { RulesController } from './controllers/rules.controller.js';
import { SecretsController } from './controllers/secrets.controller.js';
import { StreamsController } from './controllers/streams.controller.js';
import { SimulationsController } from './controllers/simulations.controller.js';
import { PeopleController } from './controllers/people.controller.js';
import { ExportController } from './export/export.controller.js';
import { AuditLogsController } from './graph/audit-logs.controller.js';
import { ServicePrincipalsController } from './graph/service-principals.controller.js';
import { SynchronizationActionsController } from './graph/synchronization-actions.controller.js';
import { SynchronizationController } from './graph/synchronization.controller.js';
import { ErrorFilter } from './http/error.filter.js';
import { PositionInterceptor } from './http/position.interceptor.js';
import { Turns } from './http/turns.js';
import { reportGauges } from './metrics/report-gauges.js';
import type { PortalFiles } from './portal/portal-files.js';
import { People } from './privacy/people.js';
import { Broker, Commands, Secrets } from './ports.js';
import { BASE_DIR, GRAPH_SETTINGS, type GraphSettings, PORTAL, READ_MODELS, SIMULATIONS } from './tokens.js';
import { WrongLog } from './wrong-log.js';

export interface ReportApiParts {
  /** Opened; closed with the application. */
  readonly dataSource: DataSource;
  readonly commands: Commands;
  readonly broker: Broker;
  readonly simulations: SimulationStore;
  readonly secrets: Secrets;
  readonly people: People;
  readonly logger: { error(facts: object, message: string): void };
  readonly baseDir: string;
  readonly graph: GraphSettings;
  readonly monitor: Monitor;
  /** Null when it was not built: its paths then say so. */
  readonly portal?: PortalFiles | null;
  /** Closed with the application. */
  readonly access: Access;
}

/** What is closed with the application. */
const OPENED = Symbol('Opened');

@Module({})
class ReportApiModule implements OnApplicationShutdown {
  constructor(@Inject(OPENED) private readonly opened: readonly (() => Promise<void>)[]) {}

  async onApplicationShutdown(): Promise<void> {
    for (const close of this.opened) await close();
  }
}

/** The report API: the only reader of the read models; turns administrators' wishes into commands. */
export function reportApiModule({
  dataSource,
  commands,
  broker,
  simulations,
  secrets,
  people,
  logger,
  baseDir,
  graph,
  monitor,
  portal = null,
  access,
}: ReportApiParts): DynamicModule {
  monitor.watchProcess();
  monitor.addCheck('database', asksDatabase(dataSource));
  reportGauges(monitor, dataSource, broker);
  return {
    module: ReportApiModule,
    controllers: [
      HealthController,
      HeldRemovalsController,
      MetricsController,
      JobsController,
      LogController,
      EventsController,
      ConnectionsController,
      DriftController,
      EscrowsController,
      OrdersController,
      ReadModelsController,
      BackupController,
      SimulationsController,
      RulesController,
      SecretsController,
      StreamsController,
      CredentialsController,
      ErasureController,
      AuditLogsController,
      ServicePrincipalsController,
      SynchronizationController,
      SynchronizationActionsController,
      PeopleController,
      PeopleSearchController,
      ExportController,
      OpenApiController,
      AccessController,
      PortalController,
    ],
    providers: [
      PositionInterceptor,
      WrongLog,
      { provide: OPENED, useValue: [() => access.close(), () => secrets.close(), () => dataSource.destroy()] },
      { provide: READ_MODELS, useValue: modelsOfCaller(askedQuestions(dataSource), people) },
      { provide: ACCESS_SETTINGS, useValue: access.settings },
      { provide: OpenIdEndpoints, useValue: new OpenIdEndpoints(access.settings.openId?.issuer ?? null) },
      { provide: TokenStore, useValue: access.tokens },
      { provide: AccessLog, useValue: access.log },
      Connections,
      { provide: Monitor, useValue: monitor },
      { provide: BASE_DIR, useValue: baseDir },
      { provide: GRAPH_SETTINGS, useValue: graph },
      { provide: Turns, useValue: new Turns(4, 64) },
      { provide: PORTAL, useValue: portal },
      { provide: Commands, useValue: commands },
      { provide: Broker, useValue: broker },
      { provide: SIMULATIONS, useValue: simulations },
      { provide: Secrets, useValue: secrets },
      { provide: People, useValue: people },
      { provide: APP_FILTER, useValue: new ErrorFilter(logger) },
    ],
  };
}
