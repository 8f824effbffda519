import type { ObjectType } from '@provident/domain';

import { ConnectorError } from '../connector-error.js';
import type { ObjectTypeDescription, SourceObject, SourcePage, SourceRead, SourceReading } from '../connector.js';
import { type CsvFile, describeFile, readRecords, stateOf } from './client.js';
import type { CsvSourceConfig } from './config.js';
import { columnsFor, describeColumns } from './header.js';
import { parseCursor, parseWatermark, rulesOf, watermarkOf } from './marks.js';
import { readPages } from './pages.js';
import { anchorOf, rowReader, type RowPlan } from './rows.js';
import { changed, refuseChanged, type Survey, surveyFile } from './survey.js';

/** Objects of one kind from one CSV file: a snapshot whenever its bytes have changed. */
export class CsvObjects {
  private readonly file: CsvFile;
  private lastSurvey: Survey | null = null;

  /** @param path where the file lies, resolved */
  constructor(
    private readonly type: ObjectType,
    path: string,
    private readonly config: CsvSourceConfig,
  ) {
    this.file = describeFile(path, config);
  }

  async describe(signal: AbortSignal): Promise<ObjectTypeDescription> {
    const { header } = await this.surveyUnlessKnown(signal);
    return { name: this.type, attributes: describeColumns(header), complete: true };
  }

  async read(request: SourceRead, signal: AbortSignal): Promise<SourceReading> {
    const { file, config } = this;
    const before = parseWatermark(request.watermark);
    const resumeAt = parseCursor(request.resumeAt);
    const survey = await this.survey(before?.header ?? [], signal);
    const plan = planRows(request.attributes, survey, file, config, before?.header ?? []);
    if (resumeAt && resumeAt.sha256 !== survey.sha256) throw changed(file);
    const isSame = before?.sha256 === survey.sha256 && before.rules === rulesOf(request.attributes, config);
    if (isSame && !resumeAt) return { kind: 'none', total: survey.rows, pages: noPages() };

    const watermark = watermarkOf(survey, request.attributes, config);
    const pages = readPages({ file, config, survey, plan, resumeAt, pageSize: request.pageSize, watermark }, signal);
    return { kind: 'snapshot', total: survey.rows, pages };
  }

  async find(anchor: string, attributes: readonly string[], signal: AbortSignal): Promise<SourceObject | null> {
    const { file, config } = this;
    const survey = await this.surveyUnlessKnown(signal);
    const readRow = rowReader(file, config, planRows(attributes, survey, file, config, []));
    let isHeader = true;
    for await (const batch of readRecords(file, null, signal)) {
      for (const record of batch) {
        if (!isHeader && anchorOf(record, survey.header, file, config) === anchor) {
          await refuseChanged(file, survey.state);
          const row = readRow(record);
          if ('object' in row) return row.object;
          const message = `${row.failure.message} (${row.failure.place} of ${file.shownAs})`;
          throw new ConnectorError({ kind: 'rejected', code: row.failure.code, message });
        }
        isHeader = false;
      }
    }
    await refuseChanged(file, survey.state);
    return null;
  }

  private async survey(known: readonly string[], signal: AbortSignal): Promise<Survey> {
    this.lastSurvey = await surveyFile(this.file, this.config, known, signal);
    return this.lastSurvey;
  }

  /** The last survey as long as the file is the same, for look-ups that come one after another. */
  private async surveyUnlessKnown(signal: AbortSignal): Promise<Survey> {
    const { stamp } = await stateOf(this.file);
    return this.lastSurvey?.state.stamp === stamp ? this.lastSurvey : this.survey([], signal);
  }
}

function planRows(
  attributes: readonly string[],
  survey: Survey,
  file: CsvFile,
  config: CsvSourceConfig,
  known: readonly string[],
): RowPlan {
  const columns = columnsFor(attributes, survey.header, file, config, known);
  const wanted = columns.map((column, index) => ({ name: attributes[index] as string, column }));
  return { header: survey.header, wanted, repeated: survey.repeated };
}

async function* noPages(): AsyncGenerator<SourcePage> {}
