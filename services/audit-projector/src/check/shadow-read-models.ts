import { type Connection, type LogItem, openAndMigrate, Projector, restoreIndexes, setIndexesAside } from '@provident/projection';
import type { DataSource, QueryRunner } from 'typeorm';

import type { LogSource } from '../log-source.js';

export interface ShadowOptions {
  readonly url: string;
  /** Schema of the living read models; the shadow's is named after it. */
  readonly schema: string;
}

/** Read models that are built beside the living ones, from the first event on. */
export class ShadowReadModels {
  private position = 0;

  private constructor(
    readonly schema: string,
    private readonly dataSource: DataSource,
    private readonly runner: QueryRunner,
    private readonly connection: Connection,
    private readonly source: LogSource,
  ) {}

  /** Whatever an earlier check left behind is dropped. */
  static async open(admin: Connection, source: LogSource, { url, schema }: ShadowOptions): Promise<ShadowReadModels> {
    const shadow = `${schema}_shadow`;
    await admin.query(`drop schema if exists "${shadow}" cascade`);
    const dataSource = await openAndMigrate({ url, schema: shadow, poolSize: 1, applicationName: 'provident read-model check' });
    const runner = dataSource.createQueryRunner();
    const connection = (await runner.connect()) as Connection;
    await setIndexesAside(connection);
    return new ShadowReadModels(shadow, dataSource, runner, connection, source);
  }

  /** Projects all events up to this one and none behind it. */
  async projectUpTo(sequence: number, signal: AbortSignal, onProgress: (position: number) => void): Promise<void> {
    if (this.position >= sequence) return;
    const { source, connection, position } = this;
    const ending = new AbortController();
    const projector = new Projector(connection, source.identity);
    const batches = upTo(sequence, source.readBatches(position, AbortSignal.any([signal, ending.signal])));
    for await (const reached of projector.projectEach(batches, source.batch)) {
      this.position = reached.sequence;
      onProgress(this.position);
    }
    ending.abort();
    signal.throwIfAborted();
    if (this.position < sequence) throw new Error(`the log was read up to ${this.position} only, and not to ${sequence}`);
  }

  async makeIndexes(): Promise<void> {
    await restoreIndexes(this.connection);
  }

  async close(): Promise<void> {
    await this.runner.release();
    await this.dataSource.destroy();
  }
}

/** What stands up to there in the log, and ends with it. */
async function* upTo(sequence: number, batches: AsyncIterable<readonly LogItem[]>): AsyncGenerator<readonly LogItem[]> {
  for await (const items of batches) {
    const wanted = items.filter((item) => item.sequence <= sequence);
    if (wanted.length > 0) yield wanted;
    if (items.at(-1)!.sequence >= sequence) return;
  }
}
