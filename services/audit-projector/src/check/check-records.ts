import type { ReadModelCheckView } from '@provident/contracts';
import type { DataSource } from 'typeorm';

import { ReadModelCheckRow } from './schema.js';

/** An instance that is not heard of for so long has ended, and its check with it. */
const silenceMs = 30_000;
const brokenOff = { check: 'carried-out', ok: false, text: 'the instance that carried it out ended before the check did: start it again' };

/** Where any instance finds how a check stands, whichever carries it out. */
export class CheckRecords {
  constructor(
    private readonly database: DataSource,
    private readonly now: () => number = Date.now,
  ) {}

  async note(view: ReadModelCheckView): Promise<void> {
    await this.database.query(
      `insert into read_model_check (check_id, view, seen_at) values ($1, $2, $3)
       on conflict (check_id) do update set view = excluded.view, seen_at = excluded.seen_at`,
      [view.checkId, JSON.stringify(view), new Date(this.now())],
    );
  }

  async find(checkId: string): Promise<ReadModelCheckView | null> {
    const row = await this.database.getRepository(ReadModelCheckRow).findOneBy({ checkId });
    return row && this.told(row);
  }

  async findRunning(): Promise<ReadModelCheckView | null> {
    const rows = await this.database.getRepository(ReadModelCheckRow).find();
    return rows.map((row) => this.told(row)).find(({ state }) => state === 'running') ?? null;
  }

  private told({ view, seenAt }: ReadModelCheckRow): ReadModelCheckView {
    const told = view as unknown as ReadModelCheckView;
    if (told.state !== 'running' || this.now() - seenAt.getTime() < silenceMs) return told;
    return { ...told, state: 'failed', endedAt: seenAt.toISOString(), findings: [...told.findings, brokenOff] };
  }
}
