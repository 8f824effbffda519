import { basename, resolve } from 'node:path';

import type { ObjectType } from '@provident/domain';

import { ConnectorError } from '../connector-error.js';
import type {
  MembershipPage,
  MembershipReading,
  OpenOptions,
  SourceConnector,
  SourceCursor,
  SourceFactory,
  SourceObject,
  SourceRead,
  SourceReading,
  SystemDescription,
} from '../connector.js';
import { type CsvSourceConfig, groupsConfig, membershipsConfig, peopleConfig } from './config.js';
import { CsvMemberships } from './memberships.js';
import { CsvObjects } from './objects.js';

/** People from a CSV file, groups from another, and who belongs to them from a third. */
export const csvSource: SourceFactory<CsvSourceConfig> = {
  name: 'csv',
  open: async (config, { baseDir }: OpenOptions) => new CsvSource(config, (file) => resolve(baseDir, file)),
};

class CsvSource implements SourceConnector {
  private readonly objects: ReadonlyMap<string, CsvObjects>;
  private readonly memberships: CsvMemberships | null;

  constructor(
    private readonly config: CsvSourceConfig,
    pathOf: (file: string) => string,
  ) {
    const of = (type: ObjectType, one: CsvSourceConfig): [string, CsvObjects] => [type, new CsvObjects(type, pathOf(one.file), one)];
    const groups = groupsConfig(config);
    const memberships = membershipsConfig(config);
    this.objects = new Map([of('user', peopleConfig(config)), ...(groups ? [of('group', groups)] : [])]);
    this.memberships = memberships && new CsvMemberships(pathOf(memberships.file), memberships);
  }

  async describe(signal: AbortSignal): Promise<SystemDescription> {
    const objectTypes = await Promise.all([...this.objects.values()].map((each) => each.describe(signal)));
    await this.memberships?.check(signal);
    return { name: `CSV file (${basename(this.config.file)})`, objectTypes };
  }

  async read(request: SourceRead, signal: AbortSignal): Promise<SourceReading> {
    return this.of(request.objectType).read(request, signal);
  }

  async find(type: string, anchor: string, attributes: readonly string[], signal: AbortSignal): Promise<SourceObject | null> {
    return this.of(type).find(anchor, attributes, signal);
  }

  async readMembers(watermark: SourceCursor | null, signal: AbortSignal): Promise<MembershipReading> {
    return this.memberships?.read(watermark, signal) ?? { kind: 'none', watermark: {}, pages: noPages() };
  }

  async close(): Promise<void> {}

  private of(type: string): CsvObjects {
    const found = this.objects.get(type);
    if (found) return found;
    const held = [...this.objects.keys()].map((name) => `"${name}"`).join(' and ');
    const remedy = type === 'group' ? '; name their file in "groups"' : '';
    throw new ConnectorError({
      kind: 'misconfigured',
      code: 'unknown-object-type',
      message: `these CSV files hold ${held} objects, not "${type}"${remedy}`,
    });
  }
}

async function* noPages(): AsyncGenerator<MembershipPage> {}
