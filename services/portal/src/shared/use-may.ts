import type { MeView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';

import { meQuery } from '../api/get-me.js';

export type Permission = keyof MeView['permissions'];

/** Whether somebody may do something: to one job, or, without one, anywhere at all. Pure. */
export function isAllowed({ permissions }: Pick<MeView, 'permissions'>, permission: Permission, jobId?: string): boolean {
  const jobs = permissions[permission];
  if (jobs === undefined) return false;
  return jobs === null || jobId === undefined ? jobs === null || jobs.length > 0 : jobs.includes(jobId);
}

/** Whether who looks may do something. While that is not known everything is offered: the server has the last word. */
export function useMay(permission: Permission, jobId?: string): boolean {
  const { data } = useQuery(meQuery);
  return data === undefined || isAllowed(data, permission, jobId);
}
