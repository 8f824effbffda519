import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  AddStream,
  type CommandAnswer,
  ListStreamKeys,
  ListStreams,
  PauseStream,
  RemoveStream,
  StartStream,
  TestStream,
} from '@provident/contracts';

import { StreamOrders } from './stream-orders.js';
import { StreamStandings } from './stream-standings.js';

/** Takes the orders of administrators about streams, from whichever instance of report-api they come. */
@Controller()
export class StreamsController {
  constructor(
    private readonly orders: StreamOrders,
    private readonly standings: StreamStandings,
  ) {}

  @MessagePattern(ListStreams.subject)
  async list(): Promise<CommandAnswer> {
    await this.orders.upToDate();
    return { ok: true, message: '', issues: [], result: { streams: await this.standings.list() } };
  }

  @MessagePattern(ListStreamKeys.subject)
  keys(): Promise<CommandAnswer> {
    return this.orders.keys();
  }

  @MessagePattern(AddStream.subject)
  add(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.orders.add(AddStream.schema.parse(payload));
  }

  @MessagePattern(RemoveStream.subject)
  remove(@Payload() payload: unknown): Promise<CommandAnswer> {
    const { streamId, by } = RemoveStream.schema.parse(payload);
    return this.orders.remove(streamId, by);
  }

  @MessagePattern(PauseStream.subject)
  pause(@Payload() payload: unknown): Promise<CommandAnswer> {
    const { streamId, by } = PauseStream.schema.parse(payload);
    return this.orders.pause(streamId, by);
  }

  @MessagePattern(StartStream.subject)
  start(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.orders.start(StartStream.schema.parse(payload));
  }

  @MessagePattern(TestStream.subject)
  test(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.orders.test(TestStream.schema.parse(payload).streamId);
  }
}
