import { expect, test } from '@jest/globals';
import { type TestReadModels, testReadModels } from '@provident/projection/testing';

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
