import { Inject, Injectable } from '@nestjs/common';
import { wrongLogRemedy } from '@provident/bus';
import { getKnownLog } from '@provident/report';

import { Broker } from './ports.js';
import { READ_MODELS, type ReadModels } from './tokens.js';

/** It is looked at again after this long: every page asks, several times a second. */
const goodForMs = 1_000;

/** Whether the log that is there is the one that the reports were made from. The services that work stop when it is not; this one says so. */
@Injectable()
export class WrongLog {
  private asked: { readonly at: number; readonly words: Promise<string | undefined> } | null = null;

  constructor(
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(Broker) private readonly broker: Broker,
  ) {}

  /** In what it is not, and what to do; undefined when it is, or when the database or the broker cannot tell now, which health says by itself. */
  words(): Promise<string | undefined> {
    const now = performance.now();
    if (!this.asked || now - this.asked.at > goodForMs) this.asked = { at: now, words: this.look().catch(() => undefined) };
    return this.asked.words;
  }

  private async look(): Promise<string | undefined> {
    const known = await getKnownLog(this.models);
    const departure = known && (await this.broker.departureFrom(known));
    if (!known || !departure) return undefined;
    return `the reports stand at ${known.sequence} of log ${known.identity}, ${departure}. ${wrongLogRemedy}`;
  }
}
