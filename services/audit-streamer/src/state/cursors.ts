import { StaleWriter } from '@provident/bus';
import type { DataSource } from 'typeorm';

import type { KnownStream } from '../streams/stream-registry.js';
import { StreamCursorRow } from './schema.js';

/** What a delivery did. */
export interface Delivered {
  readonly count: number;
  /** Records that the destination has said it does not take, with its words. */
  readonly refused: number;
  readonly words: string | null;
}

export interface Failed {
  readonly failures: number;
  readonly message: string;
  readonly nextAttemptAt: Date;
}

/** How far each stream is. Every change is on what its writer saw: of two who send at the same time, one is refused. */
export class Cursors {
  constructor(
    private readonly database: DataSource,
    /** Identity of the log. */
    private readonly log: string,
    private readonly now: () => Date,
  ) {}

  /** The cursor of a stream, which heeds every order about it from now on. */
  async open({ definition, added, revision, from }: KnownStream): Promise<StreamCursorRow> {
    await this.database.query(
      `INSERT INTO stream_cursor AS known (stream_id, added, begun_by, revision, log_identity, sequence) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (stream_id) DO UPDATE SET
         added = excluded.added, begun_by = excluded.begun_by, revision = excluded.revision,
         log_identity = CASE WHEN known.begun_by = excluded.begun_by THEN known.log_identity ELSE excluded.log_identity END,
         sequence = CASE WHEN known.begun_by = excluded.begun_by THEN known.sequence ELSE excluded.sequence END,
         landmark = CASE WHEN known.begun_by = excluded.begun_by THEN known.landmark END,
         delivered = CASE WHEN known.added = excluded.added THEN known.delivered ELSE 0 END,
         refused = CASE WHEN known.added = excluded.added THEN known.refused ELSE 0 END,
         delivered_at = CASE WHEN known.added = excluded.added THEN known.delivered_at END,
         failures = 0, next_attempt_at = NULL,
         last_error = CASE WHEN known.added = excluded.added THEN known.last_error END,
         last_error_at = CASE WHEN known.added = excluded.added THEN known.last_error_at END
       WHERE known.revision < excluded.revision`,
      [definition.streamId, added, from.saidAt, revision, this.log, from.sequence],
    );
    const row = await this.database.getRepository(StreamCursorRow).findOneByOrFail({ streamId: definition.streamId });
    if (Number(row.revision) !== revision) throw new StaleWriter(`there is a newer order about the stream "${definition.streamId}"`);
    return row;
  }

  list(): Promise<StreamCursorRow[]> {
    return this.database.getRepository(StreamCursorRow).find();
  }

  /**
   * @param landmark what stands at `to`, where that is known
   * @throws StaleWriter when somebody else has sent since
   */
  async move(stream: KnownStream, from: number, to: number, delivered: Delivered, landmark: string | null = null): Promise<void> {
    const { streamId } = stream.definition;
    const { count, refused, words } = delivered;
    const [, moved] = await this.database.query<[unknown, number]>(
      `UPDATE stream_cursor SET sequence = $4, landmark = coalesce($9, landmark), delivered = delivered + $5, refused = refused + $6,
         delivered_at = CASE WHEN $5 > 0 THEN $7::timestamptz ELSE delivered_at END, failures = 0, next_attempt_at = NULL,
         last_error = coalesce($8, last_error), last_error_at = CASE WHEN $8::text IS NULL THEN last_error_at ELSE $7::timestamptz END
       WHERE stream_id = $1 AND revision = $2 AND sequence = $3`,
      [streamId, stream.revision, from, to, count, refused, this.now(), words, landmark],
    );
    if (moved === 0) throw new StaleWriter(`somebody else has sent on the stream "${streamId}", or it was changed`);
  }

  /** @throws StaleWriter when somebody else has sent since */
  async noteFailure({ definition: { streamId }, revision }: KnownStream, at: number, failed: Failed): Promise<void> {
    const [, noted] = await this.database.query<[unknown, number]>(
      `UPDATE stream_cursor SET failures = $4, last_error = $5, last_error_at = $6, next_attempt_at = $7
       WHERE stream_id = $1 AND revision = $2 AND sequence = $3`,
      [streamId, revision, at, failed.failures, failed.message, this.now(), failed.nextAttemptAt],
    );
    if (noted === 0) throw new StaleWriter(`somebody else has sent on the stream "${streamId}", or it was changed`);
  }
}
