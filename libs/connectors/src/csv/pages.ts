import type { SourceFailure, SourceObject, SourcePage } from '../connector.js';
import { type CsvFile, readRecords } from './client.js';
import type { CsvSourceConfig } from './config.js';
import type { Cursor, Watermark } from './marks.js';
import { rowReader, type RowPlan } from './rows.js';
import type { CsvRecord } from './splitter.js';
import { refuseChanged, type Survey } from './survey.js';

export interface PageRequest {
  readonly file: CsvFile;
  readonly config: CsvSourceConfig;
  readonly survey: Survey;
  readonly plan: RowPlan;
  readonly resumeAt: Cursor | null;
  readonly pageSize: number;
  readonly watermark: Watermark;
}

/**
 * The second pass: records become pages. There is always a last page, which carries the watermark, even when no record is left.
 * @throws ConnectorError `csv-changed-while-reading`, before any page is yielded that may mix two states of the file
 */
export async function* readPages(request: PageRequest, signal: AbortSignal): AsyncGenerator<SourcePage> {
  const { file, config, survey, plan, resumeAt, pageSize, watermark } = request;
  const { unitBytes } = file.encoding;
  const readRow = rowReader(file, config, plan);
  let cursor: Cursor = resumeAt ?? { sha256: survey.sha256, offset: 0, line: 1 };
  let objects: SourceObject[] = [];
  let failures: SourceFailure[] = [];
  let isHeader = resumeAt === null;

  const take = (record: CsvRecord) => {
    const row = readRow(record);
    if ('object' in row) objects.push(row.object);
    else failures.push(row.failure);
  };
  const turn = async (isLast: boolean): Promise<SourcePage> => {
    await refuseChanged(file, survey.state);
    const page = { objects, removed: [], failures, cursor, watermark: isLast ? watermark : null };
    objects = [];
    failures = [];
    return page;
  };

  for await (const batch of readRecords(file, resumeAt && { ...resumeAt, width: survey.header.width }, signal)) {
    for (const record of batch) {
      if (objects.length + failures.length >= pageSize) yield await turn(false);
      if (!isHeader) take(record);
      isHeader = false;
      cursor = { sha256: survey.sha256, offset: record.next.offset * unitBytes, line: record.next.line };
    }
  }
  yield await turn(true);
}
