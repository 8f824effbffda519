import type { Seal } from '../options.js';
import { type Person, isWanted } from './people.js';

export const jobId = 'bench';
export const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** The job that is measured: a scoping filter, a condition for being active, ten mappings. */
export const jobDefinition = (csvFile: string, targetUrl: string, concurrency: number, seal: Seal = 'usual') => ({
  job: jobId,
  source: { connector: 'csv', config: { file: csvFile, anchor: 'employeeId' } },
  target: { connector: 'scim', config: { url: targetUrl, auth: { none: true }, concurrency } },
  objects: [
    {
      type: 'user',
      displayName: 'displayName',
      scope: [{ name: 'Employees', all: [{ attribute: 'employment', operator: 'EQUALS', value: 'employee' }] }],
      active: { attribute: 'status', operator: 'EQUALS', value: 'active' },
      attributes: [
        { target: 'userName', source: 'userName', matching: 1, required: true, caseExact: false },
        { target: 'externalId', source: 'employeeId' },
        { target: 'displayName', source: 'displayName' },
        { target: 'name.givenName', source: 'givenName' },
        { target: 'name.familyName', source: 'familyName', required: true },
        { target: 'title', source: 'title' },
        { target: 'emails[type eq "work"].value', source: 'mail' },
        { target: 'userType', constant: 'Employee' },
        { target: 'preferredLanguage', constant: 'en', apply: 'on-create' },
        { target: `${enterprise}:department`, source: 'department' },
      ],
    },
  ],
  schedule: { every: '24h' },
  ...(seal === 'all' && { privacy: { seal } }),
});

/** The account that the job makes of a person; what the bare loop sends, and what the target must hold in the end. */
export const accountOf = (person: Person) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterprise],
  active: true,
  userName: person.userName,
  externalId: person.employeeId,
  displayName: person.displayName,
  name: { givenName: person.givenName, familyName: person.familyName },
  title: person.title,
  emails: [{ type: 'work', value: person.mail }],
  userType: 'Employee',
  preferredLanguage: 'en',
  [enterprise]: { department: person.department },
});

export const accountsOf = (people: readonly Person[]) => people.filter(isWanted).map(accountOf);
