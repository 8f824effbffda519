import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  type BeforeApplicationShutdown,
  Controller,
  Get,
  Headers,
  HttpException,
  Inject,
  Query,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import { apiPaths, type EventView } from '@provident/contracts';
import { getPosition, listEvents } from '@provident/report';
import type { FastifyReply } from 'fastify';

import { currentCaller, onBehalf } from '../access/caller.js';
import { followEvents } from '../follow-events.js';
import { BadRequest } from '../http/bad-request.js';
import { parsedQuery } from '../http/parsed.pipe.js';
import { PositionInterceptor } from '../http/position.interceptor.js';
import { EventsQuery, FollowQuery } from '@provident/contracts';
import { READ_MODELS, type ReadModels } from '../tokens.js';

const atMost = 100;
const checkedEveryMs = 2_000;

@Controller()
@UseInterceptors(PositionInterceptor)
export class EventsController implements BeforeApplicationShutdown {
  private readonly following = new Set<AbortController>();

  constructor(@Inject(READ_MODELS) private readonly models: ReadModels) {}

  @Get(apiPaths.events)
  async list(@Query(parsedQuery(EventsQuery)) { job, ...asked }: EventsQuery): Promise<{ events: EventView[] }> {
    return { events: await listEvents(this.models, { ...asked, jobId: job }) };
  }

  /** Server-sent events: from `after` or `Last-Event-ID` on, else what comes from now on. */
  @Get(apiPaths.follow)
  async follow(
    @Query(parsedQuery(FollowQuery)) { after, job, ...filters }: FollowQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (this.following.size >= atMost) throw new HttpException(`${atMost} clients follow the events already`, 503);
    const from = sequenceOf(lastEventId) ?? after ?? (await getPosition(this.models)).position;
    const ending = new AbortController();
    this.following.add(ending);
    const end = (): void => {
      ending.abort();
      this.following.delete(ending);
    };
    const events = onBehalf(followEvents(this.models, { ...filters, jobId: job, after: from }, ending.signal));
    const lines = Readable.from(serverSent(events));
    void this.endWithSignIn(ending);
    lines.once('close', end);
    reply.raw.once('close', end);
    await reply
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .send(lines);
  }

  /** A sign-in that is revoked, or runs out, ends what it has begun. */
  private async endWithSignIn(ending: AbortController): Promise<void> {
    const { stillHolds } = currentCaller();
    const { signal } = ending;
    while (!signal.aborted) {
      await sleep(checkedEveryMs, undefined, { signal }).catch(() => undefined);
      // A database that is away says nothing of anybody's sign-in.
      if (!signal.aborted && !(await stillHolds().catch(() => true))) ending.abort();
    }
  }

  beforeApplicationShutdown(): void {
    for (const ending of this.following) ending.abort();
  }
}

function sequenceOf(lastEventId: string | undefined): number | null {
  if (lastEventId === undefined || lastEventId === '') return null;
  if (!/^\d{1,15}$/.test(lastEventId)) throw new BadRequest('header "last-event-id": must be the sequence of an event');
  return Number(lastEventId);
}

async function* serverSent(events: AsyncIterable<EventView | null>): AsyncGenerator<string> {
  yield ': following\n\n';
  for await (const event of events)
    yield event === null ? ': nothing new\n\n' : `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
