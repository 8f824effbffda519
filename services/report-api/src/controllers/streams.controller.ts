import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  AddStream,
  AddStreamOrder,
  type CommandAnswer,
  EmptyOrder,
  ListStreamKeys,
  ListStreams,
  NoQuery,
  PauseStream,
  RemoveStream,
  StartStream,
  StartStreamOrder,
  StreamId,
  StreamKeysView,
  streamPaths,
  StreamsView,
  TestStream,
} from '@provident/contracts';
import { NotFound } from '@provident/report';

import { orderedBy } from '../access/caller.js';
import { CommandRefused } from '../http/error-answer.js';
import { parsedBody, parsedQuery } from '../http/parsed.pipe.js';
import { Commands } from '../ports.js';

/** Where events are sent: passed to the audit-streamer, who owns that. */
@Controller()
export class StreamsController {
  constructor(@Inject(Commands) private readonly commands: Commands) {}

  @Get(streamPaths.streams)
  async list(@Query(parsedQuery(NoQuery)) _query: object): Promise<StreamsView> {
    return StreamsView.parse((await this.commands.send(ListStreams, {})).result);
  }

  @Get(streamPaths.keys)
  async keys(@Query(parsedQuery(NoQuery)) _query: object): Promise<StreamKeysView> {
    return StreamKeysView.parse((await this.commands.send(ListStreamKeys, {})).result);
  }

  @Post(streamPaths.streams)
  @HttpCode(200)
  async add(@Body(parsedBody(AddStreamOrder)) order: AddStreamOrder): Promise<CommandAnswer> {
    return carriedOut(await this.commands.send(AddStream, { order, by: orderedBy() }));
  }

  @Delete(streamPaths.stream)
  async remove(@Param('streamId') streamId: string): Promise<CommandAnswer> {
    return carriedOut(await this.commands.send(RemoveStream, { streamId: known(streamId), by: orderedBy() }));
  }

  @Post(streamPaths.pause)
  @HttpCode(200)
  async pause(@Param('streamId') streamId: string, @Body(parsedBody(EmptyOrder)) _order: object): Promise<CommandAnswer> {
    return carriedOut(await this.commands.send(PauseStream, { streamId: known(streamId), by: orderedBy() }));
  }

  @Post(streamPaths.start)
  @HttpCode(200)
  async start(@Param('streamId') streamId: string, @Body(parsedBody(StartStreamOrder)) order: StartStreamOrder): Promise<CommandAnswer> {
    return carriedOut(await this.commands.send(StartStream, { ...order, streamId: known(streamId), by: orderedBy() }));
  }

  @Post(streamPaths.test)
  @HttpCode(200)
  async test(@Param('streamId') streamId: string, @Body(parsedBody(EmptyOrder)) _order: object): Promise<CommandAnswer> {
    return carriedOut(await this.commands.send(TestStream, { streamId: known(streamId), by: orderedBy() }));
  }
}

/** What is no name of a stream names none. */
function known(streamId: string): string {
  if (!StreamId.safeParse(streamId).success) throw new NotFound(`there is no stream "${streamId}"`);
  return streamId;
}

function carriedOut(answer: CommandAnswer): CommandAnswer {
  if (answer.ok) return answer;
  if (answer.message.startsWith('there is no stream ')) throw new NotFound(answer.message);
  throw new CommandRefused(answer);
}
