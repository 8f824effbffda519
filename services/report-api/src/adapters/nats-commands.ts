import type { NatsConnection } from '@nats-io/transport-node';
import { CommandAnswer } from '@provident/contracts';
import type { z } from 'zod';

import { type Command, Commands, CommandUnanswered } from '../ports.js';

/** Longer than the scheduler itself waits for the systems that it asks. */
const timeoutMs = 45_000;

/** Sends commands as NATS requests, in the envelope of Nest's transport. */
export class NatsCommands extends Commands {
  constructor(private readonly connection: NatsConnection) {
    super();
  }

  async send<Schema extends z.ZodType>({ subject, owner }: Command<Schema>, payload: z.input<Schema>): Promise<CommandAnswer> {
    const answer = await this.request(subject, owner, JSON.stringify({ id: '1', pattern: subject, data: payload }));
    const parsed = CommandAnswer.safeParse(answer.response);
    if (!parsed.success)
      throw new Error(`${subject} was answered with ${answer.err === undefined ? 'something else than an answer' : 'an error'}`, {
        cause: answer.err ?? parsed.error,
      });
    return parsed.data;
  }

  private async request(subject: string, owner: string, body: string): Promise<{ response?: unknown; err?: unknown }> {
    try {
      return (await this.connection.request(subject, body, { timeout: timeoutMs })).json();
    } catch (cause) {
      throw new CommandUnanswered(`no ${owner} answered: is it running?`, { cause });
    }
  }
}
