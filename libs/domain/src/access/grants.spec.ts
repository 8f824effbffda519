import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { type Grant, hasAnywhere, hasFor, jobsWith, permissionsIn } from './grants.js';
import { canBeLimited, isOfInstallation, permissions, permissionsOf, roles } from './roles.js';

const everywhere = (role: Grant['role']): Grant => ({ role, jobs: null });

describe('roles', () => {
  test.each([
    ['reports-reader', ['read']],
    ['operator', ['read', 'operate']],
    ['administrator', ['read', 'operate', 'configure', 'maintain']],
    ['security-administrator', ['read', 'secure']],
  ] as const)('%s may %j', (role, allowed) => {
    expect(permissionsIn([everywhere(role)])).toEqual(allowed);
  });

  test('nobody but a security administrator may give out tokens, and nobody limited to jobs may touch the installation', () => {
    for (const role of roles) {
      expect(hasFor([everywhere(role)], 'secure', null)).toBe(role === 'security-administrator');
      const limited = permissionsIn([{ role, jobs: ['slack'] }]);
      expect(limited.filter(isOfInstallation)).toEqual([]);
    }
    expect(roles.filter((role) => !canBeLimited(role))).toEqual(['security-administrator']);
  });
});

describe('grants', () => {
  const mixed: Grant[] = [
    { role: 'reports-reader', jobs: ['slack'] },
    { role: 'operator', jobs: ['wiki'] },
  ];

  test('add up, job by job', () => {
    expect(jobsWith(mixed, 'read')).toEqual(['slack', 'wiki']);
    expect(jobsWith(mixed, 'operate')).toEqual(['wiki']);
    expect(hasFor(mixed, 'operate', 'slack')).toBe(false);
    expect(hasFor(mixed, 'operate', 'wiki')).toBe(true);
    expect(hasFor(mixed, 'read', null)).toBe(false);
    expect(jobsWith([...mixed, everywhere('reports-reader')], 'read')).toBeNull();
  });

  test('nobody has anything without one', () => {
    for (const permission of permissions) {
      expect(hasAnywhere([], permission)).toBe(false);
      expect(jobsWith([], permission)).toEqual([]);
    }
  });

  const grant = fc.record({
    role: fc.constantFrom(...roles),
    jobs: fc.option(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 })),
  });

  test('what is allowed for a job is allowed by one grant alone, and more grants never take anything away', () => {
    fc.assert(
      fc.property(
        fc.array(grant, { maxLength: 5 }),
        grant,
        fc.constantFrom(...permissions),
        fc.constantFrom('a', 'b', 'c', 'd', null),
        (grants, more, permission, job) => {
          const allowed = hasFor(grants, permission, job);
          expect(allowed).toBe(grants.some((each) => hasFor([each], permission, job)));
          if (allowed) expect(hasFor([...grants, more], permission, job)).toBe(true);
          const jobs = jobsWith(grants, permission);
          expect(allowed).toBe(jobs === null || (job !== null && jobs.includes(job)));
          if (allowed) expect(grants.some(({ role }) => permissionsOf(role).includes(permission))).toBe(true);
        },
      ),
    );
  });
});
