import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';

import { type BeforeApplicationShutdown, Controller, Get, HttpException, Inject, Res } from '@nestjs/common';
import { ArchiveUnusable } from '@provident/bus';
import { apiPaths } from '@provident/contracts';
import type { FastifyReply } from 'fastify';

import { Broker, Secrets } from '../ports.js';

/** The log is everything: whoever has it has a backup. */
@Controller()
export class BackupController implements BeforeApplicationShutdown {
  private running: AbortController | null = null;

  constructor(
    @Inject(Broker) private readonly broker: Broker,
    @Inject(Secrets) private readonly secrets: Secrets,
  ) {}

  /** Compressed lines of JSON; the last one says that it is whole, or why it cannot be. */
  @Get(apiPaths.backup)
  backup(@Res() reply: FastifyReply): Promise<void> {
    return this.send(reply, 'provident-backup', (signal) => this.broker.archive(signal));
  }

  /** What opens the values in it: without the master key it is of no use. */
  @Get(apiPaths.backupKeys)
  keys(@Res() reply: FastifyReply): Promise<void> {
    return this.send(reply, 'provident-keys', () => this.secrets.dump());
  }

  private async send(reply: FastifyReply, name: string, linesOf: (signal: AbortSignal) => AsyncIterable<string>): Promise<void> {
    if (this.running) throw new HttpException('a backup is being made already: wait for it', 429);
    const running = new AbortController();
    this.running = running;
    const lines = Readable.from(endedLines(linesOf(running.signal), running.signal));
    const compressed = createGzip({ level: 4 });
    lines.once('error', (error) => compressed.destroy(error)); // cut off in the middle: without its tail it is refused by whoever reads it
    reply.raw.once('close', () => {
      running.abort();
      this.running = null;
    });
    await reply
      .header('content-type', 'application/gzip')
      .header('content-disposition', `attachment; filename="${name}.jsonl.gz"`)
      .header('cache-control', 'no-store')
      .send(lines.pipe(compressed));
  }

  beforeApplicationShutdown(): void {
    this.running?.abort();
  }
}

/** What fails says so in a last line, which no tail follows: whoever would restore it refuses it. */
async function* endedLines(lines: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const line of lines) yield `${line}\n`;
  } catch (error) {
    if (signal.aborted || !(error instanceof ArchiveUnusable)) throw error;
    yield `${JSON.stringify({ failed: error.message })}\n`;
  }
}
