import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EventLog, connectBroker, openNatsLog } from '@provident/bus';
import { retryDue, subjectOfEvent } from '@provident/bus/testing';
import { everything } from '@provident/contracts';
import { type StartedServer, startNats } from '@provident/embedded';
import type { NatsConnection } from '@nats-io/transport-node';

import { DiskImage, canMount, flipBit } from './disk-image.js';

const cuts = Number(process.env['FAULTS_POWER_CUTS'] ?? 3);
const megabytes = 64;
const lanes = ['0', '1', '2', '3'];

const folder = mkdtempSync(join(tmpdir(), 'provident-power-'));
const isPermitted = canMount(folder);
if (!isPermitted) process.stdout.write('Power cuts are skipped: mounting a file system image is not permitted here.\n');

let disk: DiskImage;
let server: StartedServer;
beforeAll(async () => {
  if (!isPermitted) return;
  disk = await DiskImage.create(folder, 'disk', megabytes);
  server = await startNats({ dataFolder: disk.folder, containers: false });
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await disk?.remove();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Appends on all lanes at once until told to stop, and keeps what was acknowledged: sequence and id. */
class Writer {
  readonly acknowledged = new Map<number, string>();
  private isOver = false;
  private readonly writing: Promise<void>[];

  constructor(private readonly log: EventLog) {
    this.writing = lanes.map((lane) => this.write(lane));
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.writing);
  }

  private async write(lane: string): Promise<void> {
    for (let batch = 0, last = 0; !this.isOver; batch++) {
      const events = Array.from({ length: 1 + (batch % 25) }, (_, index) =>
        retryDue(`${batch}.${index}`, { lane, id: `${lane}.${batch}.${index}` }),
      );
      const sequences = await this.log.append(events, new Map([[subjectOfEvent(events[0]!), last]]));
      last = sequences.at(-1)!;
      for (const [index, sequence] of sequences.entries()) this.acknowledged.set(sequence, events[index]!.id);
    }
  }
}

/** What a server that starts on a disk finds in the log there: ids by sequence. */
async function readLog(dataFolder: string): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  const started = await startNats({ dataFolder, containers: false });
  let connection: NatsConnection | undefined;
  try {
    connection = await connectBroker(started.url, 'spec');
    const log = await openNatsLog(connection);
    const head = await log.head();
    const stop = new AbortController();
    if (head === 0) return found;
    const limit = setTimeout(() => stop.abort(), 20_000);
    for await (const events of log.readHeads({ filters: [everything], after: 0, signal: stop.signal, onUnreadable: () => undefined })) {
      for (const { sequence, id } of events) found.set(sequence, id);
      if (events.at(-1)!.sequence >= head) stop.abort();
    }
    clearTimeout(limit);
    return found;
  } finally {
    await connection?.close();
    await started.stop();
  }
}

const missingFrom = (found: ReadonlyMap<number, string>, acknowledged: ReadonlyMap<number, string>): string[] =>
  [...acknowledged].filter(([sequence, id]) => found.get(sequence) !== id).map(([sequence, id]) => `${sequence} ${id}`);

(isPermitted ? describe : describe.skip)('the power goes', () => {
  test(
    `${cuts} times amid writing, and no acknowledged event is missing`,
    async () => {
      const connection = await connectBroker(server.url, 'spec');
      const writer = new Writer(await openNatsLog(connection));
      try {
        for (let cut = 0; cut < cuts; cut++) {
          await sleep(150);
          process.kill(server.pid, 'SIGSTOP'); // no word more is acknowledged, as when the machine is off
          const acknowledged = new Map(writer.acknowledged);
          const copy = await disk.copy(`cut-${cut}`).finally(() => process.kill(server.pid, 'SIGCONT'));
          try {
            expect(acknowledged.size).toBeGreaterThan(0);
            expect(missingFrom(await readLog(copy.folder), acknowledged)).toEqual([]);
          } finally {
            await copy.remove();
          }
        }
      } finally {
        await writer.end();
        await connection.close();
      }
    },
    60_000 + cuts * 20_000,
  );

  test('and a bit of what was written has turned over: what is damaged is not handed out as if it were whole', async () => {
    const copy = await disk.copy('damaged');
    try {
      const whole = await readLog(copy.folder);
      const blocks = join(copy.folder, 'nats', 'jetstream', '$G', 'streams', 'PROVISIONING', 'msgs');
      const names = (await readdir(blocks)).filter((name) => name.endsWith('.blk'));
      const file = join(blocks, names[0]!);
      await flipBit(file, Math.floor((await stat(file)).size / 2));
      const found = await readLog(copy.folder);
      expect([...found].filter(([sequence, id]) => whole.get(sequence) !== id)).toEqual([]);
      expect(found.size).toBeLessThan(whole.size);
    } finally {
      await copy.remove();
    }
  }, 90_000);
});
