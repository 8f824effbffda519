import type { JobStatusView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { jobsQuery } from '../api/get-jobs.js';

/** What a job's page, filter and column call it. */
export const nameOf = ({ name, jobId }: Pick<JobStatusView, 'name' | 'jobId'>): string => name || jobId;

/** All jobs by id, as far as they are known. */
export function useJobs(): ReadonlyMap<string, JobStatusView> {
  const { data } = useQuery(jobsQuery);
  return useMemo(() => new Map((data ?? []).map((job) => [job.jobId, job])), [data]);
}
