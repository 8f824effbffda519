import { expect, test } from '@jest/globals';

import { parseJob, printJob } from './job-yaml.js';
import { Definition } from './revisions.js';

const job = {
  job: 'hr',
  source: { connector: 'csv', config: { file: 'a.csv' } },
  target: { connector: 'scim' },
  objects: [{ type: 'user', attributes: [{ target: 'userName', source: 'mail', matching: 1 }] }],
  lanes: 4,
};

test('what is printed reads back as the same job', () => {
  expect(parseJob(printJob(job))).toEqual({ definition: job });
});

test('a mistake in the text is told with its line and column', () => {
  expect(parseJob('job: hr\nsource: {\n')).toEqual({ mistakes: [{ line: 3, column: 1, message: expect.any(String) }] });
});

test('what a page does not know of a definition is kept', () => {
  expect(Definition.parse(job)).toEqual(job);
});
