import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { type TestReadModels, testReadModels } from '../testing/index.js';
import { BinaryRows } from './binary-rows.js';
import { Flight } from './flight.js';

let models: TestReadModels;
beforeAll(async () => {
  models = await testReadModels();
  await models.connection.query('create temporary table kept (t text, j json, s smallint, i integer, b bigint, at timestamptz(3))');
}, 120_000);
afterAll(() => models?.close());

const unlessSurrogate = (text: string): string => Buffer.from(text.replaceAll('\0', '\ufffd'), 'utf8').toString('utf8');

test('every value arrives as it was sent', async () => {
  const row = fc.record({
    text: fc.option(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ unit: 'binary-ascii', maxLength: 80 }))),
    json: fc.json(),
    int2: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
    int4: fc.integer(),
    int8: fc.maxSafeInteger(),
    at: fc.option(fc.date({ min: new Date('1900-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
      const sent = new BinaryRows(6, 16);
      for (const { text, json, int2, int4, int8, at } of rows) {
        sent.row();
        sent.text(text);
        sent.bytes(Buffer.from(json.replaceAll(/\\u(?:0000|d[89a-f]..)/gi, '-')));
        sent.int2(int2);
        sent.int4(int4);
        sent.int8(int8);
        sent.instant(at && at.getTime());
      }
      const flight = new Flight();
      flight.query({ text: 'truncate kept' });
      flight.copy('kept (t, j, s, i, b, at)', sent);
      await flight.send(models.connection);
      expect(sent.isEmpty).toBe(true);
      const found = await models.connection.query('select t, j::text as j, s, i, b, at from kept');
      expect(found.rows).toEqual(
        rows.map(({ text, json, int2, int4, int8, at }) => ({
          t: text === null ? null : unlessSurrogate(text),
          j: json.replaceAll(/\\u(?:0000|d[89a-f]..)/gi, '-'),
          s: int2,
          i: int4,
          b: int8,
          at: at && at.toISOString(),
        })),
      );
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('a flight is kept whole or not at all, and the connection is fit for the next', async () => {
  const insert = (value: number) => ({ name: 'insert-kept', text: 'insert into kept (i) values ($1)', values: [value] });
  const failing = new Flight();
  failing.query({ text: 'truncate kept' });
  failing.query(insert(1));
  failing.query({ text: 'select 1 / 0' });
  failing.query(insert(2));
  await expect(failing.send(models.connection)).rejects.toMatchObject({ code: '22012' });
  const next = new Flight();
  next.query({ text: 'truncate kept' });
  next.query(insert(3));
  await next.send(models.connection);
  const again = new Flight();
  again.query(insert(4));
  await again.send(models.connection);
  expect((await models.connection.query('select i from kept order by i')).rows).toEqual([{ i: 3 }, { i: 4 }]);
});

test('rows that the server refuses in the middle of a COPY leave the connection fit for the next', async () => {
  const rows = new BinaryRows(1);
  rows.row();
  rows.bytes(Buffer.from([0xff]));
  const flight = new Flight();
  flight.copy('kept (t)', rows);
  flight.query({ text: 'truncate kept' });
  await expect(flight.send(models.connection)).rejects.toMatchObject({ code: '22021' });
  expect((await models.connection.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});
