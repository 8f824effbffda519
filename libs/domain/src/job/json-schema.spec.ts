import { expect, test } from '@jest/globals';
import { z } from 'zod';

import { jobJsonSchema } from './json-schema.js';
import { jobReferenceMarkdown } from './reference-page.js';
import { SecretRef } from './secret-ref.js';

const path = z.string().min(1).describe('Path of the file.');
const connectors = {
  sourceConnectors: {
    csv: z.strictObject({ path, delimiter: z.enum([',', ';', '|']).default(',').describe('What separates fields.') }),
    hr: z.strictObject({}),
  },
  targetConnectors: {
    scim: z.strictObject({
      token: SecretRef.optional(),
      retry: z.strictObject({ times: z.int().min(0).max(9).default(3).describe('How often.') }).prefault({}),
    }),
  },
};
const schema = jobJsonSchema(connectors);

test('the schema describes a file as one writes it: what has a default may be left out', () => {
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(schema.required).toEqual(['job', 'source', 'target', 'objects']);
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties?.['schedule']?.properties?.['every']).toMatchObject({ type: 'string', default: '40m' });
  expect(schema.properties?.['lanes']).toMatchObject({ type: 'integer', minimum: 1, maximum: 64, default: 4 });
});

test('the settings follow the connector', () => {
  const source = schema.properties?.['source'];
  expect(source?.properties?.['connector']).toMatchObject({ enum: ['csv', 'hr'] });
  const [csv, hr] = source?.allOf ?? [];
  expect(csv?.if).toEqual({ properties: { connector: { const: 'csv' } }, required: ['connector'] });
  expect(csv?.then).toMatchObject({ required: ['config'], properties: { config: { required: ['path'], additionalProperties: false } } });
  expect(hr?.then).toMatchObject({ properties: { config: { type: 'object' } } });
  expect(hr?.then).not.toHaveProperty('required');
  expect(JSON.stringify(schema).match(/draft\/2020-12/g)).toHaveLength(1);
});

test('the reference page has every key with its type, default and meaning', () => {
  const page = jobReferenceMarkdown(schema);
  const lines = page.split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      '## The job',
      '| `job` | text | *required* | Id of the job. |',
      '## `objects[].scope[].all[]`',
      '## `thresholds.removals`',
      '| `lanes` | whole number, 1 to 64 | `4` | How many parts of the job may be worked on by different instances at once. Fixed for the life of the job. |',
      '| `after` | list of text | `["6h","12h","24h"]` | Times after the first failure at which a failed object is tried again. |',
      '## `source.config` of connector `csv`',
      '| `path` | text | *required* | Path of the file. |',
      '| `delimiter` | `,`, `;`, `\\|` | `","` | What separates fields. |',
      '## `source.config` of connector `hr`',
      'No settings.',
      '| `token` | `{ env: … }` or `{ file: … }` or `{ secret: … }` |  | A reference to a secret: `{ env: NAME }`, `{ file: PATH }` or `{ secret: NAME }`. |',
      '## `target.config.retry` of connector `scim`',
      '| `times` | whole number, 0 to 9 | `3` | How often. |',
    ]),
  );
  expect(page).not.toMatch(/undefined|\[object|\| anything/);
  const tables = lines.filter((line) => line.startsWith('|'));
  expect(tables.filter((line) => line.replaceAll('\\|', '').split('|').length !== 6)).toEqual([]);
});
