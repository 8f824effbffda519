import { apiPaths, OnDemandView } from '@provident/contracts/http';

import { at, postJson } from './request.js';

export interface Wanted {
  readonly jobId: string;
  readonly objectType: string;
  /** In the source, or of the account. */
  readonly id: string;
}

/** Provisions one object at once. Without `allowRemoval` an account is neither disabled nor deleted. */
export const provisionNow = ({ jobId, objectType, id }: Wanted, allowRemoval: boolean): Promise<OnDemandView> =>
  postJson(OnDemandView, at(apiPaths.provisionOnDemand, { jobId }), { subjects: [{ objectType, id }], allowRemoval });
