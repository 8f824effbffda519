import { type MemoryLog, MemorySimulations } from '@provident/bus/testing';
import { type DynamicModule, RequestMethod } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { CommandAnswer, HealthView, Initiator, LogEvent } from '@provident/contracts';
import { Projector, type TestReadModels, testReadModels } from '@provident/projection/testing';
import { partId, readModelDataSource } from '@provident/report';
import { Monitor } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import type { AccessSettings } from '../access/settings.js';
import type { HttpSettings } from '../http/fastify-adapter.js';
import { listen } from '../listen.js';
import type { Erasure, NoKey, PersonKey, PersonRef } from '@provident/vault';

import { People } from '../privacy/people.js';
import { Broker, type Command, Commands, Secrets } from '../ports.js';
import { reportApiModule } from '../report-api.module.js';
import { testAccess } from './test-access.js';

/** Answers every command as it is told to, and remembers it. */
export class RecordedCommands extends Commands {
  readonly sent: [subject: string, payload: unknown][] = [];
  answer: CommandAnswer | Error = { ok: true, message: 'done', issues: [], result: { streams: [], keys: [] } };
  /** Where the answer depends on the command. */
  answerTo: ((command: Command, payload: unknown) => CommandAnswer) | null = null;

  async send(command: Command, payload: unknown): Promise<CommandAnswer> {
    this.sent.push([command.subject, payload]);
    if (this.answer instanceof Error) throw this.answer;
    return this.answerTo?.(command, payload) ?? this.answer;
  }
}

/** Keeps secrets in memory, and who set them. */
export class RememberedSecrets extends Secrets {
  readonly values = new Map<string, { readonly value: string; readonly by: string }>();

  list = async () => [...this.values].map(([name, { by }]) => ({ name, setAt: '2026-03-02T09:00:00.000Z', setBy: by }));
  set = async (name: string, value: string, by: Initiator): Promise<void> => void this.values.set(name, { value, by: by.name });
  delete = async (name: string): Promise<boolean> => this.values.delete(name);
  facts = async () => ({ masterKey: 'k1', dataKeys: [{ masterKey: 'k1', count: this.values.size }] });
  close = async (): Promise<void> => undefined;
  rotate = async () => ({ masterKey: 'k2', rewrapped: this.values.size });
  async *dump(): AsyncGenerator<string> {
    yield '{}';
  }
}

/** Nobody's values are sealed. */
export class NoPeople extends People {
  forOpening = async (): Promise<ReadonlyMap<string, PersonKey | NoKey>> => new Map();
  findByName = async (): Promise<readonly PersonRef[]> => [];
  readonly erased: PersonRef[] = [];
  erase: People['erase'] = async (person, order): Promise<Erasure> => {
    this.erased.push(person);
    return { ...person, ...order, id: 'e1', keyIds: [], requestedAt: '2026-03-02T09:00:00.000Z' };
  };
}

class QuietBroker extends Broker {
  readonly durability = 'declared' as const;
  head = async (): Promise<number | null> => 1_000_000;
  departureFrom = async (): Promise<null> => null;
  sessions = async (): Promise<HealthView['services']> => [];
  pace = async (): Promise<null> => null;
  rate = async (): Promise<null> => null;
  async *archive(): AsyncGenerator<string> {
    yield '{}';
  }
}

export const testTenant = 'aaaaaaaa-0000-4000-8000-000000000000';

export interface TestApi {
  readonly models: TestReadModels;
  readonly application: NestFastifyApplication;
  readonly dataSource: DataSource;
  /** Every route that the service serves: `GET /path/:parameter`. */
  readonly routes: readonly string[];
  readonly url: string;
  readonly commands: RecordedCommands;
  readonly simulations: MemorySimulations;
  readonly secrets: RememberedSecrets;
  /** What the service itself says. */
  readonly log: MemoryLog;
  /** What the service wrote to its log as unexpected. */
  readonly errors: object[];
  principalOf(jobId: string): string;
  close(): Promise<void>;
}

export interface TestApiOptions {
  readonly statementTimeoutMs?: number;
  readonly access?: Partial<AccessSettings>;
  readonly requestsAMinute?: number;
  readonly failuresAMinute?: number;
  readonly corsOrigins?: readonly string[];
  readonly denialsWindowMs?: number;
  readonly tls?: HttpSettings['tls'];
  readonly requestTimeoutMs?: number;
  readonly now?: () => Date;
  readonly people?: People;
}

/** The API over read models that the projector filled with these events. */
export async function startTestApi(events: readonly LogEvent[], options: TestApiOptions = {}): Promise<TestApi> {
  const { statementTimeoutMs = 60_000, now = () => new Date(), people = new NoPeople() } = options;
  const models = await testReadModels();
  await new Projector(models.connection, 'log').project(events);
  const dataSource = await readModelDataSource({ url: models.url, schema: models.schema, statementTimeoutMs }).initialize();
  const commands = new RecordedCommands();
  const simulations = new MemorySimulations();
  const secrets = new RememberedSecrets();
  const errors: object[] = [];
  const logger = { error: (facts: object) => errors.push(facts) };
  const access = await testAccess(models.url, {
    simulations,
    now,
    requestsAMinute: options.requestsAMinute ?? 0,
    failuresAMinute: options.failuresAMinute ?? 0,
    settings: { signIn: 'this-machine', openId: null, clientId: null, scopes: [], ...options.access },
    denials: { windowMs: options.denialsWindowMs ?? 60_000 },
    onTrouble: (error) => errors.push(error as object),
  });
  const monitor = new Monitor('report-api');
  const module = reportApiModule({
    dataSource,
    commands,
    broker: new QuietBroker(),
    simulations,
    secrets,
    people,
    logger,
    baseDir: '/here',
    graph: { tenantId: testTenant },
    monitor,
    access,
  });
  const { corsOrigins = [], tls = null, requestTimeoutMs = 60_000 } = options;
  const http = {
    host: '127.0.0.1',
    port: 0,
    tls,
    corsOrigins,
    requestTimeoutMs,
    trustedProxies: [],
    monitor,
    access: access.hooks,
    people,
  };
  const application = await listen(module, http, { log: nothing, error: nothing, warn: nothing });
  return {
    models,
    application,
    dataSource,
    routes: routesOf(module),
    principalOf: (jobId) => partId('service-principal', jobId),
    url: await application.getUrl(),
    commands,
    simulations,
    secrets,
    log: access.said,
    errors,
    async close() {
      await application.close();
      await models.close();
    },
  };
}

/** As their controllers declare them. */
const routesOf = ({ controllers = [] }: DynamicModule): string[] =>
  controllers.flatMap((controller) => {
    const prefixes = pathsIn(controller);
    const handlers = Object.getOwnPropertyNames(controller.prototype).map((name) => controller.prototype[name] as object);
    return handlers
      .filter((handler) => Reflect.hasMetadata('method', handler))
      .flatMap((handler) =>
        prefixes.flatMap((prefix) =>
          pathsIn(handler).map((path) => {
            const joined = [prefix, path].flatMap((part) => part.split('/')).filter((part) => part !== '');
            return `${RequestMethod[Reflect.getMetadata('method', handler) as number]} /${joined.join('/')}`;
          }),
        ),
      );
  });

const pathsIn = (declared: object): string[] => [Reflect.getMetadata('path', declared) as string | string[]].flat();

const nothing = (): void => undefined;
