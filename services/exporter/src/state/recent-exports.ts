import type { JobId, ObjectKey } from '@provident/domain';
import type { DataSource } from 'typeorm';

const kept = 20_000;

/**
 * Answers whether an object was written after a given position of the log. Recent writes are in memory; only a question that reaches back behind
 * them asks the table, so that in the ordinary case no object costs a query.
 */
export class RecentExports {
  private recent = new Map<ObjectKey, number>();

  /** @param completeFrom every export of this lane after this position is in memory */
  constructor(
    private readonly database: DataSource,
    private readonly jobId: JobId,
    private completeFrom: number,
  ) {}

  note(objectKey: ObjectKey, sequence: number): void {
    this.recent.delete(objectKey);
    this.recent.set(objectKey, sequence);
    if (this.recent.size > kept) this.forgetOldest();
  }

  /** Sequence of the object's last export when it is later than the basis, else null. */
  laterThan(basis: number, objectKey: ObjectKey): number | null | Promise<number | null> {
    const known = this.recent.get(objectKey);
    if (known !== undefined) return known > basis ? known : null;
    return basis >= this.completeFrom ? null : this.ask(basis, objectKey);
  }

  private async ask(basis: number, objectKey: ObjectKey): Promise<number | null> {
    const rows = await this.database.query<{ sequence: string }[]>(
      'SELECT sequence FROM last_export WHERE job_id = $1 AND object_key = $2 AND sequence > $3',
      [this.jobId, objectKey, basis],
    );
    return rows[0] ? Number(rows[0].sequence) : null;
  }

  private forgetOldest(): void {
    const [oldest] = this.recent;
    if (!oldest) return;
    this.recent.delete(oldest[0]);
    this.completeFrom = Math.max(this.completeFrom, oldest[1]);
  }
}
