/**
 * Measures a rebuild: `node libs/projection/dist/testing/bench-projection.js <database url> [people] [batch]`.
 * The story is a first cycle (four events per person), then a cycle of everything else that can happen.
 */
import 'reflect-metadata';

import { openAndMigrate } from '@provident/read-model';

import { type Connection, Projector, resetReadModels } from '../index.js';
import { type Person, plots, Story } from './story.js';

const [url = 'postgres://postgres@127.0.0.1:5432/postgres', people = '20000', batch = '2000'] = process.argv.slice(2);

const count = Number(people);
const joiners: Person[] = Array.from({ length: count }, (_, i) => ({ id: `E-${100_000 + i}`, plot: 'joiner' }));
const rest: Person[] = Array.from({ length: count >> 2 }, (_, i) => ({
  id: `E-${100_000 + i}`,
  plot: plots[1 + (i % (plots.length - 1))]!,
}));
const { events } = new Story().configured().cycle(joiners, { kind: 'initial', pageSize: 250 }).cycle(rest, { pageSize: 250 });

const dataSource = await openAndMigrate({ url, schema: 'bench_projection', poolSize: 2 });
const runner = dataSource.createQueryRunner();
const connection = (await runner.connect()) as Connection;
const size = Number(batch);
for (let round = 0; round < 3; round++) {
  await resetReadModels(connection);
  const projector = new Projector(connection, 'bench');
  const cpu = process.cpuUsage();
  const begin = performance.now();
  for (let from = 0; from < events.length; from += size) await projector.project(events.slice(from, from + size));
  const seconds = (performance.now() - begin) / 1000;
  const used = process.cpuUsage(cpu);
  process.stdout.write(
    `${events.length} events in batches of ${size}: ${Math.round(events.length / seconds)} events/s, ` +
      `node at ${Math.round((used.user + used.system) / 1e4 / seconds)} % of a core, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB\n`,
  );
}
await runner.release();
await dataSource.query('drop schema bench_projection cascade');
await dataSource.destroy();
