/** Why the first of several that failed has failed. */
export const firstFailure = (results: readonly PromiseSettledResult<unknown>[]): unknown =>
  results.find((result) => result.status === 'rejected')?.reason;
