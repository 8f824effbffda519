/** Ids that are alike in every run: `job-1`, `job-2` … for `sequentialIds('job')`. */
export function sequentialIds(prefix = 'id'): () => string {
  let count = 0;
  return () => `${prefix}-${(count += 1)}`;
}

/** UUIDs that are alike in every run, each well-formed and different from the others. */
export function sequentialUuids(): () => string {
  let count = 0;
  return () => `00000000-0000-4000-8000-${(count += 1).toString(16).padStart(12, '0')}`;
}
