import type { EventLog } from '@provident/bus';
import type { Finding, ReadModelCheckView } from '@provident/contracts';
import { compareReadModels, type Connection, readPosition, type TableComparison } from '@provident/projection';
import type { DataSource, QueryRunner } from 'typeorm';

import type { LogSource } from '../log-source.js';
import { projectorLock } from '../projector-lock.js';
import { findForgotten, judgeLog, judgeReadable, judgeTallies } from './check-log.js';
import { ShadowReadModels } from './shadow-read-models.js';

export interface CheckPorts {
  readonly log: Pick<EventLog, 'extent'>;
  readonly source: LogSource;
  /** Of the living read models. */
  readonly dataSource: DataSource;
  readonly url: string;
  readonly schema: string;
}

/** The projection is not stopped for longer than these events take. */
const closeEnough = 2_000;

/**
 * Builds the read models anew beside the living ones, brings both to the same place in the log, and compares them there. A rebuild then puts the new
 * ones in the place of the old. Readers see the old ones until that moment, and the projection stands still only for the last events.
 */
export class ReadModelCheck {
  constructor(
    private readonly ports: CheckPorts,
    private readonly report: (change: Partial<ReadModelCheckView>) => void,
  ) {}

  /** @throws what kept it from being carried out */
  async run(kind: 'verify' | 'rebuild', signal: AbortSignal): Promise<readonly Finding[]> {
    const { dataSource, log, source, url, schema } = this.ports;
    const findings: Finding[] = [judgeLog(await log.extent())];
    const runner = dataSource.createQueryRunner();
    try {
      const living = (await runner.connect()) as Connection;
      const shadow = await ShadowReadModels.open(living, source, { url, schema });
      try {
        await this.catchUp(living, shadow, signal);
        if (kind === 'rebuild') await shadow.makeIndexes();
        findings.push(...(await (kind === 'verify' ? this.compare(runner, shadow, signal) : this.replace(living, shadow, signal))));
      } finally {
        await shadow.close();
      }
      await living.query(`drop schema if exists "${shadow.schema}" cascade`);
    } finally {
      await runner.release();
    }
    return findings;
  }

  /** Beside the running projection, until little is left. */
  private async catchUp(living: Connection, shadow: ShadowReadModels, signal: AbortSignal): Promise<void> {
    for (let reached = -closeEnough; ; ) {
      const { sequence } = await readPosition(living, this.ports.source.identity);
      this.report({ head: sequence });
      if (sequence - reached < closeEnough) return;
      await shadow.projectUpTo(sequence, signal, (position) => this.report({ position }));
      reached = sequence;
    }
  }

  /** Holds the projection where it is, and brings the shadow to the same place. */
  private async meet(living: Connection, shadow: ShadowReadModels, signal: AbortSignal): Promise<void> {
    const { sequence } = await readPosition(living, this.ports.source.identity, true);
    this.report({ head: sequence });
    await shadow.projectUpTo(sequence, signal, (position) => this.report({ position }));
  }

  private async compare(runner: QueryRunner, shadow: ShadowReadModels, signal: AbortSignal): Promise<Finding[]> {
    const { dataSource, schema } = this.ports;
    const living = (await runner.connect()) as Connection;
    const second = dataSource.createQueryRunner();
    try {
      const snapshot = (await second.connect()) as Connection;
      await living.query('begin');
      try {
        await this.meet(living, shadow, signal);
        await snapshot.query('begin isolation level repeatable read read only');
        await snapshot.query('select 1'); // takes the snapshot
      } finally {
        await living.query('rollback'); // nothing was written: the projection goes on
      }
      const tables = await compareReadModels(snapshot, schema, shadow.schema);
      const forgotten = await findForgotten(snapshot, schema, shadow.schema);
      const findings = [
        judgeTables(tables, forgotten),
        await judgeTallies(snapshot, schema),
        await judgeReadable(snapshot, [schema, shadow.schema]),
      ];
      await snapshot.query('commit');
      return findings;
    } finally {
      await second.release();
    }
  }

  private async replace(living: Connection, shadow: ShadowReadModels, signal: AbortSignal): Promise<Finding[]> {
    const { schema } = this.ports;
    await living.query('begin');
    try {
      await this.meet(living, shadow, signal);
      const differences = judgeTables(await compareReadModels(living, schema, shadow.schema), []);
      const findings = [await judgeTallies(living, shadow.schema), await judgeReadable(living, [shadow.schema])];
      const forgotten = await findForgotten(living, schema, shadow.schema);
      if (forgotten.length > 0) {
        await living.query('rollback');
        return [{ check: 'replaced', ok: false, text: `not replaced: ${onlyKnownHere(forgotten)}` }, ...findings];
      }
      // The new ones hold what the old ones did not keep any more: it is removed again by and by.
      await living.query(`insert into "${shadow.schema}".retention_horizon select * from "${schema}".retention_horizon`);
      await living.query(`alter schema "${schema}" rename to "${schema}_replaced"`);
      await living.query(`alter schema "${shadow.schema}" rename to "${schema}"`);
      // Whoever projects remembers rows of the old read models: it ends here, and starts again with the new ones.
      await living.query(`select pg_terminate_backend(pid) from pg_locks where ${projectorLock.isHeld} and pid <> pg_backend_pid()`, [
        projectorLock.nameOf(schema),
      ]);
      await living.query('commit');
      await living.query(`drop schema "${schema}_replaced" cascade`);
      return [{ ...differences, check: 'replaced', ok: true, text: `replaced; before, ${differences.text}` }, ...findings];
    } catch (error) {
      await living.query('rollback');
      throw error;
    }
  }
}

const onlyKnownHere = (forgotten: readonly number[]): string =>
  `the read models hold what the log does not give any more (${forgotten.length} events, the first at ${forgotten[0]})`;

function judgeTables(tables: readonly TableComparison[], forgotten: readonly number[]): Finding {
  const different = tables.filter(({ onlyLeft, onlyRight }) => onlyLeft + onlyRight > 0);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  if (different.length === 0)
    return { check: 'read-models-equal-log', ok: true, text: `all ${rows} rows are what the log says, byte for byte` };
  const each = different.map(
    ({ table, onlyLeft, onlyRight }) => `${table}: ${onlyLeft} rows not as the log says, ${onlyRight} rows the log says otherwise`,
  );
  return {
    check: 'read-models-equal-log',
    ok: false,
    text: `the read models differ from the log (${each.join('; ')}); ${forgotten.length > 0 ? onlyKnownHere(forgotten) : '"provident rebuild" makes them anew'}`,
  };
}
