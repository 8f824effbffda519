import { type AttributeValue, type ObjectType, textOf } from '@provident/domain';

import type { Membership, MembershipPage, MembershipReading, SourceCursor, SourceFailure, SourceObject } from '../connector.js';
import { type CsvFile, describeFile, readRecords } from './client.js';
import type { CsvMembershipsConfig } from './config.js';
import { columnsFor } from './header.js';
import { parseWatermark, rulesOf, watermarkOf } from './marks.js';
import { type RowPlan, rowReader } from './rows.js';
import { refuseChanged, type Survey, surveyFile } from './survey.js';

const rowsPerPage = 2_000;

/** Who belongs to which group, from a CSV file with one membership per record: all of it whenever its bytes have changed. */
export class CsvMemberships {
  private readonly file: CsvFile;
  /** Columns besides the anchor, which names the group. */
  private readonly columns: readonly string[];

  /** @param path where the file lies, resolved */
  constructor(
    path: string,
    private readonly config: CsvMembershipsConfig,
  ) {
    this.file = describeFile(path, config);
    this.columns = [config.member, ...(config.memberType === undefined ? [] : [config.memberType])];
  }

  /** @throws ConnectorError when the file cannot be read, or has not the columns that the configuration names */
  async check(signal: AbortSignal): Promise<void> {
    this.plan(await this.survey([], signal), []);
  }

  async read(watermark: SourceCursor | null, signal: AbortSignal): Promise<MembershipReading> {
    const before = parseWatermark(watermark);
    const known = before?.header ?? [];
    const survey = await this.survey(known, signal);
    const plan = this.plan(survey, known);
    const isSame = before?.sha256 === survey.sha256 && before.rules === rulesOf(this.columns, this.config);
    const next = watermarkOf(survey, this.columns, this.config);
    return isSame
      ? { kind: 'none', watermark: next, pages: noPages() }
      : { kind: 'snapshot', watermark: next, pages: this.pages(survey, plan, signal) };
  }

  private survey(known: readonly string[], signal: AbortSignal): Promise<Survey> {
    return surveyFile(this.file, this.config, known, signal, 'anchors-repeat');
  }

  private plan({ header }: Survey, known: readonly string[]): RowPlan {
    const columns = columnsFor(this.columns, header, this.file, this.config, known);
    return { header, wanted: columns.map((column, index) => ({ name: this.columns[index] as string, column })), repeated: new Set() };
  }

  private async *pages(survey: Survey, plan: RowPlan, signal: AbortSignal): AsyncGenerator<MembershipPage> {
    const readRow = rowReader(this.file, this.config, plan);
    let memberships: Membership[] = [];
    let failures: SourceFailure[] = [];
    let isHeader = true;
    for await (const batch of readRecords(this.file, null, signal)) {
      for (const record of batch) {
        const row = isHeader ? null : readRow(record);
        isHeader = false;
        if (!row) continue;
        const membership = 'object' in row ? this.membershipIn(row.object, `line ${record.line}`) : row.failure;
        if ('code' in membership) failures.push(this.placed(membership));
        else memberships.push(membership);
        if (memberships.length + failures.length < rowsPerPage) continue;
        await refuseChanged(this.file, survey.state);
        yield { memberships, failures };
        memberships = [];
        failures = [];
      }
    }
    await refuseChanged(this.file, survey.state);
    yield { memberships, failures };
  }

  private membershipIn({ anchor: group, attributes }: SourceObject, place: string): Membership | SourceFailure {
    const { member, memberType } = this.config;
    const anchor = attributes[member];
    if (typeof anchor !== 'string' || anchor.trim() === '')
      return { anchor: null, code: 'missing-member', message: `the column "${member}" is empty`, place };
    const word = memberType === undefined ? 'user' : attributes[memberType];
    const type = typeOf(word);
    if (type) return { group, member: anchor, memberType: type };
    return { anchor: null, code: 'unreadable-record', message: `the column "${memberType}" says neither "user" nor "group"`, place };
  }

  /** A record of memberships belongs to nobody alone; its place names the file, for there are others. */
  private placed(failure: SourceFailure): SourceFailure {
    return { ...failure, anchor: null, place: `${failure.place} of ${this.file.shownAs}` };
  }
}

/** An empty field means a person. */
function typeOf(word: AttributeValue | undefined): ObjectType | null {
  const text = textOf(word).trim().toLowerCase() || 'user';
  return text === 'user' || text === 'group' ? text : null;
}

async function* noPages(): AsyncGenerator<MembershipPage> {}
