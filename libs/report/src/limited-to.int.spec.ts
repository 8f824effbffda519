import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type TestReadModels, testReadModels } from '@provident/projection/testing';
import { readModelDataSource } from '@provident/read-model';
import type { DataSource } from 'typeorm';

import { query } from './database.js';
import { limitedTo, tablesOfJobs, tablesOfLog } from './limited-to.js';

let models: TestReadModels;
let dataSource: DataSource;
beforeAll(async () => {
  models = await testReadModels();
  dataSource = await readModelDataSource({ url: models.url, schema: models.schema }).initialize();
  for (const job of ['a', 'b', 'c'])
    await dataSource.query(`insert into object_counter (job_id, object_type, in_scope, linked, escrows) values ($1, 'user', 1, 1, 0)`, [
      job,
    ]);
}, 120_000);
afterAll(async () => {
  await dataSource?.destroy();
  await models?.close();
});

test('every table of the read models is limited that has a job, and of every other it is known that it has none', async () => {
  const rows = await dataSource.query<{ table_name: string; of_job: boolean }[]>(
    `select tables.table_name, exists (
       select from information_schema.columns where columns.table_schema = tables.table_schema and columns.table_name = tables.table_name
         and column_name = 'job_id') as of_job
     from information_schema.tables
     where table_schema = current_schema() and table_name <> 'migration'
       and not exists (select from pg_inherits where inhrelid = format('%I.%I', table_schema, table_name)::regclass)`,
  );
  const named = (ofJob: boolean) => rows.filter(({ of_job }) => of_job === ofJob).map(({ table_name }) => table_name);
  expect(named(true).toSorted()).toEqual([...tablesOfJobs].toSorted());
  expect(named(false).toSorted()).toEqual([...tablesOfLog].toSorted());
});

test.each<[string, string, unknown[], unknown]>([
  ['counts', 'select count(*) as n from object_counter', [], [{ n: 2 }]],
  ['joins', 'select count(*) as n from object_counter one join object_counter other on true', [], [{ n: 4 }]],
  ['parts of its own', 'with found as (select * from object_counter) select count(*) as n from found', [], [{ n: 2 }]],
  ['inner questions', 'select (select count(*) from object_counter where job_id > $1) as n', ['a'], [{ n: 1 }]],
  ['another job by name', 'select job_id from object_counter where job_id = $1', ['c'], []],
])('in %s there is no more than what may be seen', async (_, sql, values, rows) => {
  expect(await query(limitedTo(dataSource, ['a', 'b']), sql, values)).toEqual(rows);
});

test('whoever may see no job sees none', async () => {
  expect(await query(limitedTo(dataSource, []), 'select * from object_counter')).toEqual([]);
});
