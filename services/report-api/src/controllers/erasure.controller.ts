import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { type CommandAnswer, EraseOrder, erasePath } from '@provident/contracts';
import { type Erasable, findErasable, NotFound } from '@provident/report';

import { orderedBy } from '../access/caller.js';
import { CommandRefused } from '../http/error-answer.js';
import { parsedBody } from '../http/parsed.pipe.js';
import { People } from '../privacy/people.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';

/** Erases people: not from the log, which only grows, but what can be read of them there. */
@Controller()
export class ErasureController {
  constructor(
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(People) private readonly people: People,
  ) {}

  @Post(erasePath)
  @HttpCode(200)
  async erase(
    @Param('value') value: string,
    @Body(parsedBody(EraseOrder)) { job, objectType, stillInSource, why }: EraseOrder,
  ): Promise<CommandAnswer> {
    const found = await findErasable(this.models, value, objectType, job);
    if (found.length === 0) throw new NotFound(`nobody is known as "${value}"${job === undefined ? '' : ` in job "${job}"`}`);
    const refusal = whyNot(found, stillInSource);
    if (refusal !== null) throw new CommandRefused({ ok: false, message: refusal, issues: [], result: {} });
    const erased: string[] = [];
    for (const { jobId, objectKey } of found) {
      await this.people.erase({ jobId, objectKey }, { why: why ?? null, by: orderedBy() });
      erased.push(jobId);
    }
    const readable = found.reduce((sum, { readableEvents }) => sum + readableEvents, 0);
    const result = { erased: found.map(({ jobId, objectKey }) => ({ jobId, objectKey })), readableEvents: readable };
    return { ok: true, message: `erased in ${erased.map((each) => `"${each}"`).join(', ')}${remark(readable)}`, issues: [], result };
  }
}

const remark = (readable: number): string =>
  readable === 0
    ? ': nothing that was sealed of this person can be read any more'
    : `: no report, search or export shows a value of this person any more; but ${readable} event(s) of the log, from before the job sealed values, still hold them, and cannot be changed`;

/** Why erasing would be no erasing; what to do about it stands beside it. */
function whyNot(found: readonly Erasable[], stillInSource: boolean): string | null {
  const readable = found.find(({ sealsAll }) => !sealsAll);
  if (readable)
    return `job "${readable.jobId}" keeps the values of people readable in its log, and a log is never changed: give the job "privacy: { seal: all }" first; what it says from then on can be erased`;
  const present = found.find(({ inSourceSince }) => inSourceSince !== null);
  if (!present || stillInSource) return null;
  return `the source of job "${present.jobId}" still had this person at ${present.inSourceSince}, and the next cycle would bring the values back: take the person out of the source and run the job, or erase what is there so far with "stillInSource" (--still-in-source)`;
}
