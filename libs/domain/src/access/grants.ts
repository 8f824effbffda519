import { isOfInstallation, type Permission, permissions, permissionsOf, type Role } from './roles.js';

/** A role, everywhere or for some jobs. */
export interface Grant {
  readonly role: Role;
  /** Ids of the jobs; null for all, also those that are yet to come. */
  readonly jobs: readonly string[] | null;
}

/** Jobs: all of them, or those with these ids. */
export type Jobs = readonly string[] | null;

const gives = ({ role, jobs }: Grant, permission: Permission): boolean =>
  permissionsOf(role).includes(permission) && (jobs === null || !isOfInstallation(permission));

/** For which jobs somebody has a permission; null for all, an empty list for none. */
export function jobsWith(grants: readonly Grant[], permission: Permission): Jobs {
  const giving = grants.filter((grant) => gives(grant, permission));
  if (giving.some(({ jobs }) => jobs === null)) return null;
  return [...new Set(giving.flatMap(({ jobs }) => jobs ?? []))].sort();
}

/** Whether somebody has a permission for at least one job. */
export const hasAnywhere = (grants: readonly Grant[], permission: Permission): boolean => grants.some((grant) => gives(grant, permission));

/** Whether somebody has a permission for a job; for the installation as a whole where the job is null. */
export const hasFor = (grants: readonly Grant[], permission: Permission, jobId: string | null): boolean =>
  grants.some((grant) => gives(grant, permission) && (grant.jobs === null || (jobId !== null && grant.jobs.includes(jobId))));

/** Every permission that somebody has anywhere. */
export const permissionsIn = (grants: readonly Grant[]): Permission[] => permissions.filter((each) => hasAnywhere(grants, each));
