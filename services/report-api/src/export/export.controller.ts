import { Readable } from 'node:stream';

import { type BeforeApplicationShutdown, Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { apiPaths, ExportAuditsQuery, ExportLogQuery, ExportProvisioningQuery } from '@provident/contracts';
import { sealedMark } from '@provident/domain';
import { auditPages, getPosition, logPages, provisioningPages } from '@provident/report';
import type { FastifyReply } from 'fastify';

import { onBehalf } from '../access/caller.js';
import { parsedQuery } from '../http/parsed.pipe.js';
import { Turns } from '../http/turns.js';
import { GRAPH_SETTINGS, type GraphSettings, READ_MODELS, type ReadModels } from '../tokens.js';
import { People } from '../privacy/people.js';
import { openItems } from '../privacy/unsealing.js';
import { Chunk } from './chunk.js';
import { type CsvTable, csvLine } from './csv.js';
import { auditTable, membersOf, provisioningTables } from './tables.js';

/** Items in memory at a time. */
const pageSize = 1_000;
/** A slow reader must not keep the others from asking: exports have turns of their own, and nobody waits for one. */
const atOnce = 3;

type Format = ExportAuditsQuery['format'];
const mediaTypes: Record<Format, string> = { csv: 'text/csv; charset=utf-8', jsonl: 'application/jsonl; charset=utf-8' };

/** Whole answers as files, streamed as fast as they are read. An answer that breaks off ends without its last chunk, so that nobody takes it for whole. */
@Controller()
export class ExportController implements BeforeApplicationShutdown {
  private readonly turns = new Turns(atOnce, 0);
  private readonly running = new Set<Readable>();

  constructor(
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(GRAPH_SETTINGS) private readonly settings: GraphSettings,
    @Inject(People) private readonly people: People,
  ) {}

  @Get(apiPaths.exportProvisioning)
  async provisioning(
    @Query(parsedQuery(ExportProvisioningQuery)) { format, file, ...asked }: ExportProvisioningQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const options = format === 'csv' ? { ...asked, $select: membersOf[file] } : asked;
    const pages = provisioningPages(this.models, this.settings.tenantId, given(options), pageSize);
    await this.send(
      reply,
      this.texts(onBehalf(pages), format, provisioningTables[file]),
      format,
      `provisioning-${format === 'csv' ? file : 'log'}`,
    );
  }

  @Get(apiPaths.exportLog)
  async log(@Query(parsedQuery(ExportLogQuery)) { job, detail, ...asked }: ExportLogQuery, @Res() reply: FastifyReply): Promise<void> {
    const pages = logPages(this.models, { ...asked, jobId: job, withSteps: detail === 'steps' }, pageSize);
    await this.send(reply, lines(onBehalf(pages)), 'jsonl', 'provisioning-log');
  }

  @Get(apiPaths.exportAudits)
  async audits(@Query(parsedQuery(ExportAuditsQuery)) { format, ...asked }: ExportAuditsQuery, @Res() reply: FastifyReply): Promise<void> {
    await this.send(reply, this.texts(onBehalf(auditPages(this.models, given(asked), pageSize)), format, auditTable), format, 'audit-log');
  }

  /** The first page is there before anything is said: what is wrong with the question is an error, and not half a file. */
  private async send(reply: FastifyReply, chunks: AsyncGenerator<string | Buffer>, format: Format, name: string): Promise<void> {
    const leave = await this.turns.enter();
    try {
      const { position } = await getPosition(this.models);
      const first = await chunks.next();
      const body = Readable.from(resumed(first, chunks), { objectMode: false });
      this.running.add(body);
      body.once('close', () => {
        this.running.delete(body);
        leave();
      });
      await reply
        .header('content-type', mediaTypes[format])
        .header('content-disposition', `attachment; filename="${name}.${format}"`)
        .header('x-provident-position', String(position))
        .send(body);
    } catch (error) {
      leave();
      throw error;
    }
  }

  private texts<Item extends object>(
    pages: AsyncIterable<Iterable<Item>>,
    format: Format,
    table: CsvTable<Item>,
  ): AsyncGenerator<string | Buffer> {
    return format === 'csv' ? csvTexts(pages, table, this.people) : lines(pages);
  }

  beforeApplicationShutdown(): void {
    for (const body of this.running) body.destroy();
  }
}

/** Options that were given, and no others. */
const given = (options: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(options).filter((option): option is [string, string] => option[1] !== undefined));

/** Values are opened here, for commas and quotes depend on them; of other answers that is done on their way out. A page without any is written once. */
async function* csvTexts<Item>(
  pages: AsyncIterable<Iterable<Item>>,
  { columns, rows }: CsvTable<Item>,
  people: People,
): AsyncGenerator<string | Buffer> {
  const textOf = (item: Item): string => rows(item).map(csvLine).join('');
  // The mark at the beginning tells spreadsheets that the text is UTF-8.
  let head = `\uFEFF${csvLine(columns)}`;
  for await (const page of pages) {
    const chunk = new Chunk(head);
    let isSealed = false;
    for (const item of page) {
      const text = textOf(item);
      isSealed = text.includes(sealedMark);
      if (isSealed) break;
      chunk.add(text);
    }
    yield isSealed ? head + (await openItems([...page], people)).map(textOf).join('') : chunk.bytes;
    head = '';
  }
  if (head !== '') yield head;
}

async function* lines(pages: AsyncIterable<Iterable<object>>): AsyncGenerator<Buffer> {
  for await (const page of pages) {
    const chunk = new Chunk();
    for (const item of page) chunk.add(`${JSON.stringify(item)}\n`);
    yield chunk.bytes;
  }
}

async function* resumed<Text>(first: IteratorResult<Text>, rest: AsyncGenerator<Text>): AsyncGenerator<Text> {
  try {
    if (first.done) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
