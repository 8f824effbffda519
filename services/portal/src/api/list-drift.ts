import { DriftPageView, driftPath } from '@provident/contracts/http';

import { at, getJson } from './request.js';

export interface DriftAsked {
  /** The latest that looked when none is named. */
  readonly cycle?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of what a cycle of a job found changed by hand in the target. */
export const listDrift = (jobId: string, asked: DriftAsked, signal?: AbortSignal) =>
  getJson(DriftPageView, at(driftPath, { jobId }), { ...asked }, signal);
