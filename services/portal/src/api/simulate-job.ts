import { apiPaths, CommandAnswer } from '@provident/contracts/http';

import type { JobDraft } from './job-draft.js';
import { at, postJson } from './request.js';

/** Rules of a draft instead of those that apply; with `compare` only who would fare differently is told of. */
export interface SimulationOrder extends Partial<JobDraft> {
  readonly compare: boolean;
}

/** Begins a simulation, which the answer names. @throws ApiProblem with the issues of the draft when it is refused */
export const simulateJob = (jobId: string, order: SimulationOrder): Promise<CommandAnswer> =>
  postJson(CommandAnswer, at(apiPaths.simulateJob, { jobId }), order);
