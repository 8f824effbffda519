import type { Issue, SystemsView } from '@provident/contracts/http';

import { describeSystems } from '../../api/describe-systems.js';
import { validateJob } from '../../api/validate-job.js';
import { definitionOf, type Draft, stepOf } from './draft.js';

/** What came of the answers of a step. */
export interface Trial {
  /** What is wrong with the answers until then. */
  readonly issues: readonly Issue[];
  /** Why the system of that step could not be asked, in its words. */
  readonly problem: string | null;
  readonly systems: SystemsView;
}

/** Has the answers so far checked, and the system of a step asked what it has. @param step 0 for the source, 1 for the target */
export async function tryStep(draft: Draft, step: number): Promise<Trial> {
  const definition = definitionOf(draft);
  const [{ issues }, systems] = await Promise.all([validateJob({ definition }), describeSystems({ definition })]);
  const { problem } = step === 0 ? systems.source : systems.target;
  return { issues: issues.filter((issue) => stepOf(issue) <= step), problem, systems };
}
