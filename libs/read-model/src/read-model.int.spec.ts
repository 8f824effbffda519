import { expect, test } from '@jest/globals';
import { type TestReadModels, testReadModels } from '@provident/projection/testing';
import { eventuallyHolds } from '@provident/testing';

import { openAllConnections, openAndMigrate, readModelDataSource } from './index.js';

test('the migrated tables are those that the entities describe', async () => {
  const models: TestReadModels = await testReadModels();
  try {
    const { upQueries } = await models.dataSource.driver.createSchemaBuilder().log();
    // Partial indexes and their order are written by hand and unknown to the entities: nothing else may differ.
    expect(upQueries.map(({ query }) => query).filter((query) => !query.startsWith('DROP INDEX'))).toEqual([]);
  } finally {
    await models.close();
  }
}, 120_000);

test.each(['with the tables', 'before the tables are there'])(
  'connections that are kept ready are all open: %s',
  async (when) => {
    const models: TestReadModels = await testReadModels();
    const applicationName = `ready ${models.schema}`;
    const schema = when === 'with the tables' ? models.schema : `${models.schema}_none`;
    const ready = readModelDataSource({ url: models.url, schema, poolSize: 3, applicationName, isKeptReady: true });
    try {
      await ready.initialize();
      await openAllConnections(ready);
      const [{ open }] = await models.dataSource.query('select count(*)::int as open from pg_stat_activity where application_name = $1', [
        applicationName,
      ]);
      expect(open).toBe(3);
    } finally {
      await ready.destroy();
      await models.close();
    }
  },
  120_000,
);

test('a connection that is lost while the tables are brought up to date does not end the process', async () => {
  const models: TestReadModels = await testReadModels();
  const other = models.dataSource.createQueryRunner();
  try {
    await other.connect();
    await other.startTransaction();
    await other.query(`lock table "${models.schema}".migration`);
    const opening = openAndMigrate({ url: models.url, schema: models.schema });
    const ended = `select pg_terminate_backend(pid) as ended from pg_stat_activity where query like 'comment on schema "${models.schema}"%'`;
    await eventuallyHolds(async () => expect(await models.dataSource.query(ended)).toEqual([{ ended: true }]), { timeoutMs: 20_000 });
    await other.rollbackTransaction();
    await (await opening).destroy();
  } finally {
    await other.release();
    await models.close();
  }
}, 120_000);
