import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { type EventLog, connectBroker, openNatsLog } from '@provident/bus';
import { type StartedServer, freePort, startNats, startPostgres, serviceNodeFlags } from '@provident/embedded';
import type { NatsConnection } from '@nats-io/transport-node';

import { BenchError } from './bench-error.js';
import type { BenchOptions } from './options.js';
import { programMain, serviceMain } from './places.js';
import { Child, type ChildOptions } from './process/child.js';
import { Family } from './process/family.js';
import type { Teardown } from './process/teardown.js';

export const pipeline = ['job-scheduler', 'importer', 'rule-evaluator', 'exporter', 'escrow-retrier'] as const;
export const onlookers = ['audit-projector', 'report-api'] as const;

/** A Provident of its own in a temporary folder, on durable servers, every part a process of its own. */
export class World {
  /** Under which the services seal what they seal. */
  private readonly masterKey = randomBytes(32).toString('base64');
  private readonly children = new Map<string, Child>();
  /** Where report-api is, once it was started. */
  apiUrl = '';

  private constructor(
    readonly folder: string,
    readonly postgres: StartedServer,
    readonly nats: StartedServer,
    readonly connection: NatsConnection,
    readonly log: EventLog,
    readonly family: Family,
    private readonly teardown: Teardown,
    private readonly onLoss: (error: BenchError) => void,
  ) {}

  static async open(
    { folder: parent, keep: isKept, data }: Pick<BenchOptions, 'folder' | 'keep'> & { readonly data?: string | undefined },
    teardown: Teardown,
    onLoss: (error: BenchError) => void,
  ): Promise<World> {
    const keep = isKept || data !== undefined;
    await mkdir(data ?? parent, { recursive: true });
    const folder = data ?? (await mkdtemp(join(parent, 'provident-bench-')));
    teardown.add(async () => {
      if (keep) process.stdout.write(`The data folder is left behind: ${folder}\n`);
      else await rm(folder, { recursive: true, force: true });
    });
    await chmod(folder, 0o711); // run as root, PostgreSQL belongs to another user who has to pass through
    const family = new Family();
    teardown.add(() => family.end());
    const serve = async (name: string, start: typeof startPostgres | typeof startNats): Promise<StartedServer> => {
      const server = await start({ dataFolder: folder, containers: false });
      teardown.add(async () => {
        await server.stop();
        if (!keep && !server.dataDir.startsWith(folder)) await rm(dirname(server.dataDir), { recursive: true, force: true });
      });
      family.add(name, server.pid, { isTree: true });
      void server.ended.then(({ code, signal }) =>
        onLoss(new BenchError(`${name} ended (${signal ?? `status ${code}`}): ${server.logFile}`)),
      );
      return server;
    };
    const postgres = await serve('Postgres', startPostgres);
    const nats = await serve('NATS', startNats);
    const connection = await connectBroker(nats.url, 'bench');
    teardown.add(() => connection.close());
    const log = await openNatsLog(connection);
    return new World(folder, postgres, nats, connection, log, family, teardown, onLoss);
  }

  async startServices(names: readonly string[]): Promise<void> {
    const port = String(await freePort());
    if (names.includes('report-api')) this.apiUrl = `http://127.0.0.1:${port}`;
    const children = names.map((name) =>
      this.child({
        name,
        main: serviceMain(name),
        env: {
          ...process.env,
          NATS_URL: this.nats.url,
          NATS_SYNC: 'always',
          DATABASE_URL: this.postgres.url,
          PROVIDENT_INSTANCE: `${name}-1`,
          PROVIDENT_BASE_DIR: this.folder,
          PORT: port,
          PROVIDENT_MASTER_KEY: this.masterKey,
          NODE_OPTIONS: serviceNodeFlags(name).join(' '),
        },
      }),
    );
    await Promise.all(children.map((child) => child.ready()));
  }

  async stopService(name: string): Promise<void> {
    const child = this.children.get(name);
    if (child) await this.stop(child);
  }

  async stop(child: Child): Promise<void> {
    this.family.look();
    await child.stop();
    this.children.delete(child.name);
  }

  /** One of the bench's own programs. */
  program(name: string, program: string, args: readonly string[] = []): Child {
    return this.child({ name, main: programMain(program), args });
  }

  private child(options: Omit<ChildOptions, 'logFile'>): Child {
    const child = new Child({ ...options, logFile: join(this.folder, 'logs', `${options.name}.log`) }, this.onLoss);
    this.children.set(options.name, child);
    this.teardown.add(() => child.stop());
    this.family.add(options.name, child.pid);
    return child;
  }

  /** Gives an order as the CLI's server does: a Nest request over NATS. @throws BenchError when it is refused */
  async order(name: string, data: unknown): Promise<Record<string, unknown>> {
    const pattern = `provident.command.${name}`;
    const answer = await this.connection.request(pattern, JSON.stringify({ id: '1', pattern, data }), { timeout: 30_000 });
    const packet = answer.json<{ response?: unknown; err?: unknown }>();
    const { ok, message, result } = (packet.response ?? packet) as { ok?: boolean; message?: string; result?: Record<string, unknown> };
    if (ok !== true) throw new BenchError(`${name} was refused: ${message ?? JSON.stringify(packet)}`);
    return result ?? {};
  }
}
