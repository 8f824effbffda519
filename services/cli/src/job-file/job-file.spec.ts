import { expect, test } from '@jest/globals';

import { sampleJobFile } from '../places.js';
import { checkLocally } from './check-locally.js';
import { parseJobFile, readJobFile } from './read-job-file.js';
import { placeIssues, renderIssue } from './render-issues.js';

const yaml = `job: people
source:
  conector: csv
  config: { file: people.csv,
            delimiter: ";;" }
objects:
  - type: user
    attributes:
      - target: userName
      - &mail
        target: mail
      - *mail
`;
const file = parseJobFile('job.yaml', '/jobs', yaml);

test.each([
  [['source', 'conector'], 3, 3],
  [['source', 'config', 'delimiter'], 5, 13],
  [['objects', 0, 'attributes', 1], 11, 9],
  [['objects', 0, 'attributes', 1, 'target'], 11, 9],
  [['objects', 0, 'attributes', 2, 'target'], 11, 9],
  [['objects', 0, 'attributes', 0, 'source'], 9, 9],
  [['target'], 1, 1],
  [[], 1, 1],
])('%j stands at %d:%d', (path, line, column) => expect(file.placeOf(path)).toEqual({ line, column }));

test('issues are shown in the order of the file, with what was probably meant', () => {
  const issues = placeIssues(file, [
    { path: ['source', 'config', 'delimiter'], message: 'one character' },
    { path: ['source', 'conector'], message: 'unknown key "conector"', nearest: 'connector' },
  ]);
  expect(issues.map(renderIssue)).toEqual([
    'job.yaml:3:3  unknown key "conector" (did you mean "connector"?)',
    'job.yaml:5:13  one character',
  ]);
});

test('JSON has places too', () => {
  const json = parseJobFile('job.json', '/', '{\n  "job": "a",\n  "lanes": 0\n}');
  expect(json.placeOf(['lanes'])).toEqual({ line: 3, column: 3 });
  expect(json.definition).toEqual({ job: 'a', lanes: 0 });
});

test.each([
  ['a: [1\nb: 2', /^x\.yaml:2:1 {2}/],
  ['a: 1\na: 2', /^x\.yaml:2:1 {2}.*unique/],
  ['a: 1\n---\nb: 2', /^x\.yaml:2:1 {2}/],
  ['\ta: 1', /^x\.yaml:1:1 {2}/],
])('%j is refused with its place', (text, message) => expect(() => parseJobFile('x.yaml', '/', text)).toThrow(message));

test('a file that is not there is one line', async () => {
  const reading = readJobFile('nowhere.yaml', '/');
  await expect(reading).rejects.toThrow(/^nowhere\.yaml cannot be read: there is no such file$/);
});

test('an empty file is a job without anything', () => {
  expect(parseJobFile('x.yaml', '/', '')).toMatchObject({ definition: null, jobId: null });
});

test('the sample job is valid', async () => {
  const sample = await readJobFile(sampleJobFile, '/');
  expect(checkLocally(sample, 'http://here').issues).toEqual([]);
  expect(sample.jobId).toBe('sample');
});
