import type { JobDefinition } from '@provident/domain';
import type { z } from 'zod';

export type JobInput = z.input<typeof JobDefinition>;

/** A job from a CSV file to a SCIM target, by the rules that `expectedAccounts` knows too. It runs when it is told to. */
export function csvJob(job: string, { file = `${job}.csv`, url, ...more }: { file?: string; url: string } & Partial<JobInput>): JobInput {
  return {
    job,
    source: { connector: 'csv', config: { file, anchor: 'employeeId' } },
    target: scimTarget(url),
    objects: [peopleRules],
    schedule: { every: '1h' },
    ...more,
  };
}

export const scimTarget = (url: string, config: Record<string, unknown> = {}): JobInput['target'] => ({
  connector: 'scim',
  config: { url, auth: { none: true }, ...config },
});

export const peopleRules: JobInput['objects'][number] = {
  type: 'user',
  displayName: 'userName',
  scope: [{ name: 'staff', all: [{ attribute: 'department', operator: 'NOT EQUALS', value: 'Contractors' }] }],
  active: { attribute: 'status', operator: 'EQUALS', value: 'active' },
  attributes: [
    { target: 'userName', source: 'userName', matching: 1 },
    { target: 'name.givenName', source: 'givenName' },
    { target: 'name.familyName', source: 'familyName' },
    { target: 'emails[type eq "work"].value', source: 'email' },
  ],
};
