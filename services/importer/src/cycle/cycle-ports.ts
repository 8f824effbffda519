import type { JobId } from '@provident/domain';
import type { DataSource } from 'typeorm';

import type { JobWriter } from '../job-writer.js';
import type { DemandReads } from '../on-demand/demand-reads.js';
import type { MembershipIndex } from '../state/membership-index.js';
import type { OutdatedObjects } from '../state/outdated-objects.js';
import type { MappingAt } from '../state/rejected-rules.js';
import type { SourceIndex } from '../state/source-index.js';
import type { OpenSystems } from '../systems.js';
import type { FindAssociations, FindFormerKeys, FindOwners } from './import-objects.js';

/** What the import of a cycle needs of the job that it belongs to. */
export interface CyclePorts {
  readonly jobId: JobId;
  readonly database: DataSource;
  readonly index: SourceIndex;
  readonly memberships: MembershipIndex;
  readonly outdated: OutdatedObjects;
  readonly writer: JobWriter;
  readonly openSystems: (rules: number) => Promise<OpenSystems>;
  /** The rules that stand at a sequence of the log. */
  readonly mappingAt: MappingAt;
  readonly findOwners: FindOwners;
  readonly findFormerKeys: FindFormerKeys;
  readonly findAssociations: FindAssociations;
  /** Objects that are imported on demand meanwhile. */
  readonly demanded: DemandReads;
  /** Resolves once everything that was said so far is in the index. */
  readonly folded: () => Promise<void>;
  /** Position of the log up to which the index is folded. */
  readonly basis: () => number;
  /** Called between pages: what has to be imported again does not wait for the cycle's end. */
  readonly betweenPages: (cycleId: string, imported: number) => Promise<void>;
  readonly signal: AbortSignal;
}
