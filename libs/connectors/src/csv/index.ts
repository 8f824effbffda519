import { basename, resolve } from 'node:path';

import { ConnectorError } from '../connector-error.js';
import type {
  OpenOptions,
  SourceConnector,
  SourceFactory,
  SourceObject,
  SourcePage,
  SourceRead,
  SourceReading,
  SystemDescription,
} from '../connector.js';
import { type CsvFile, describeFile, readRecords, stateOf } from './client.js';
import type { CsvSourceConfig } from './config.js';
import { columnsFor, describeColumns } from './header.js';
import { parseCursor, parseWatermark, rulesOf, watermarkOf } from './marks.js';
import { readPages } from './pages.js';
import { anchorOf, rowReader, type RowPlan } from './rows.js';
import { changed, refuseChanged, type Survey, surveyFile } from './survey.js';

const objectType = 'user';

/** People from a CSV file: a snapshot whenever its bytes have changed. */
export const csvSource: SourceFactory<CsvSourceConfig> = {
  name: 'csv',
  open: async (config, { baseDir }: OpenOptions) => new CsvSource(describeFile(resolve(baseDir, config.file), config), config),
};

class CsvSource implements SourceConnector {
  private lastSurvey: Survey | null = null;

  constructor(
    private readonly file: CsvFile,
    private readonly config: CsvSourceConfig,
  ) {}

  async describe(signal: AbortSignal): Promise<SystemDescription> {
    const { header } = await this.surveyUnlessKnown(signal);
    const attributes = describeColumns(header);
    return { name: `CSV file (${basename(this.file.path)})`, objectTypes: [{ name: objectType, attributes, complete: true }] };
  }

  async read(request: SourceRead, signal: AbortSignal): Promise<SourceReading> {
    requireUser(request.objectType);
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

  async find(type: string, anchor: string, attributes: readonly string[], signal: AbortSignal): Promise<SourceObject | null> {
    requireUser(type);
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

  async close(): Promise<void> {}

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

function requireUser(type: string): void {
  if (type === objectType) return;
  throw new ConnectorError({
    kind: 'misconfigured',
    code: 'unknown-object-type',
    message: `a CSV file holds "${objectType}" objects, not "${type}"`,
  });
}

async function* noPages(): AsyncGenerator<SourcePage> {}
