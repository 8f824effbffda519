import type { DataSource } from 'typeorm';

/** The read models, as `readModelDataSource` opens them. */
export type ReadModels = Pick<DataSource, 'query'> & {
  /** Who goes by a name that is sealed in the read models: exact, but for case and accents. Absent: nobody's is. */
  readonly findByName?: (name: string) => Promise<readonly { readonly jobId: string; readonly objectKey: string }[]>;
};

export const query = <Row>(models: ReadModels, sql: string, values: readonly unknown[] = []): Promise<Row[]> =>
  models.query(sql, [...values]);

/** What was asked for is not there. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}
