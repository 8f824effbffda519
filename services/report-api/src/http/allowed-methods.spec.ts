import { expect, test } from '@jest/globals';

import { allowedMethods } from './allowed-methods.js';

test.each([
  ['/provident/v1/jobs', ['GET', 'POST']],
  ['/provident/v1/jobs/hr?x=1', ['DELETE', 'GET']],
  ['/v1.0/auditlogs/provisioning', ['GET']],
  ['/beta/applications/a/synchronization/jobs/hr/schema', ['DELETE', 'GET', 'PUT']],
  ['/beta/servicePrincipals/p/synchronization/jobs/hr/start', ['POST']],
  ['/v1.0/servicePrincipals/p/synchronization/jobs/hr/schema/functions()', ['GET']],
  ['/v1x0/servicePrincipals', []],
  ['/provident/v1/nothing', []],
])('%s has %j', (url, methods) => {
  expect(allowedMethods(url)).toEqual(methods);
});
