import type { Projection } from '../projection.js';
import { ChangeStories } from '../story/change-stories.js';
import { AuditEventProjection } from './audit-event.projection.js';
import { CauseProjection } from './cause.projection.js';
import { CycleProjection } from './cycle.projection.js';
import { ErasureProjection } from './erasure.projection.js';
import { EscrowProjection } from './escrow.projection.js';
import { HeldRemovalProjection } from './held-removal.projection.js';
import { IdentityProjection } from './identity.projection.js';
import { JobProjection } from './job.projection.js';
import { NoticeProjection } from './notice.projection.js';
import { ObjectStateProjection } from './object-state.projection.js';
import { ProvisioningEntryProjection } from './provisioning-entry.projection.js';
import { QuarantineProjection } from './quarantine.projection.js';

/** All projections, in the order in which they write. A new one is one more file beside these, and one more line here. */
export function allProjections(): {
  stories: ChangeStories;
  cycles: CycleProjection;
  projections: readonly Projection[];
} {
  const cycles = new CycleProjection();
  const stories = new ChangeStories();
  return {
    stories,
    cycles,
    projections: [
      new AuditEventProjection(),
      new ProvisioningEntryProjection(),
      new IdentityProjection(),
      new ObjectStateProjection(),
      new EscrowProjection(),
      new CauseProjection(),
      cycles,
      new HeldRemovalProjection(),
      new JobProjection(),
      new QuarantineProjection(),
      new NoticeProjection(),
      new ErasureProjection(stories),
    ],
  };
}
