import { Controller, Get, HttpException, Inject, Query } from '@nestjs/common';
import { apiPaths, type HealthView } from '@provident/contracts';
import { getDatabaseHealth } from '@provident/report';

import type { AccessSettings } from '../access/settings.js';
import { ACCESS_SETTINGS } from '../access/tokens.js';
import { parsedQuery } from '../http/parsed.pipe.js';
import { NoQuery } from '@provident/contracts';
import { Broker } from '../ports.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';
import { WrongLog } from '../wrong-log.js';

/** Without one of these, people are not provisioned. */
const needed = ['job-scheduler', 'importer', 'rule-evaluator', 'exporter', 'escrow-retrier', 'audit-projector'];
/** Services say every 1.25 s that they live. */
const deadAfterMs = 10_000;
/** A database that hangs is as good as none, and whoever asks for health waits for no answer. */
const answersWithinMs = 2_000;
/** So long a dead instance is worth a line. */
const forgottenAfterMs = 60_000;

@Controller()
export class HealthController {
  constructor(
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(Broker) private readonly broker: Broker,
    @Inject(WrongLog) private readonly wrongLog: WrongLog,
    @Inject(ACCESS_SETTINGS) private readonly access: AccessSettings,
  ) {}

  /** The process runs. */
  @Get(apiPaths.live)
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Reports can be answered. */
  @Get(apiPaths.ready)
  async ready(): Promise<{ status: 'ok' }> {
    const [{ database }, head] = await Promise.all([this.databaseHealth(), this.broker.head()]);
    if (!database) throw new HttpException('the read models cannot be read', 503);
    if (head === null) throw new HttpException('the broker does not answer', 503);
    return { status: 'ok' };
  }

  @Get(apiPaths.health)
  async health(@Query(parsedQuery(NoQuery)) _query: object): Promise<HealthView> {
    const [{ database, position, setAside }, head, sessions, wrong] = await Promise.all([
      this.databaseHealth(),
      this.broker.head(),
      this.broker.sessions(),
      this.wrongLog.words(),
    ]);
    const now = Date.now();
    const seenWithin = (ms: number) => sessions.filter(({ seenAt }) => now - Date.parse(seenAt) < ms);
    const services = seenWithin(forgottenAfterMs);
    const living = new Set(seenWithin(deadAfterMs).map(({ service }) => service));
    const isWell = database && head !== null && wrong === undefined && setAside === 0 && needed.every((service) => living.has(service));
    return {
      status: isWell ? 'ok' : 'degraded',
      services,
      log: { head: Math.max(head ?? position, position), position, ...(wrong !== undefined && { wrong }) },
      database,
      broker: head !== null,
      durability: this.broker.durability,
      signIn: this.access.signIn,
    };
  }

  private async databaseHealth(): ReturnType<typeof getDatabaseHealth> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Awaited<ReturnType<typeof getDatabaseHealth>>>((resolve) => {
      timer = setTimeout(() => resolve({ database: false, position: 0, setAside: 0 }), answersWithinMs);
    });
    return Promise.race([getDatabaseHealth(this.models), late]).finally(() => clearTimeout(timer));
  }
}
