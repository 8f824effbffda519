import { type Appender, type EventLog, StaleWriter } from '@provident/bus';
import { PersonErased, erasureSubjects, is, privacyLane, subjectOf } from '@provident/contracts';
import { asJobId } from '@provident/domain';
import type { Erasure, PersonKeys } from '@provident/vault';

const stage = 'report-api';
/** Instances write on one subject: as many may be ahead of one. */
const mostAttempts = 20;

/** Brings erasures to the log, and what the log says of them to the keys. Broken off at any point, it is finished when it is done again. */
export class Erasures {
  constructor(
    private readonly keys: Pick<PersonKeys, 'untold' | 'told' | 'destroyAgain'>,
    private readonly log: Pick<EventLog, 'findLast' | 'read'>,
    private readonly appender: Pick<Appender, 'append'>,
    private readonly now: () => Date,
  ) {}

  /** Tells the log of every erasure that it does not know of yet. */
  async tellAll(): Promise<void> {
    for (const erasure of await this.keys.untold()) {
      await this.tell(erasure);
      await this.keys.told(erasure.id);
    }
  }

  /**
   * Destroys the keys that the log says were destroyed: tables that were restored to an older state may have them again.
   * @returns how many there were
   */
  async destroyAgain(signal: AbortSignal): Promise<number> {
    const last = (await this.log.findLast(erasureSubjects))?.sequence ?? 0;
    const end = new AbortController();
    let count = 0;
    if (last === 0) return count;
    for await (const events of this.log.read({ filters: [erasureSubjects], after: 0, signal: AbortSignal.any([signal, end.signal]) })) {
      const keyIds = events.flatMap((event) => (is(event, PersonErased) ? event.data.keyIds : []));
      if (keyIds.length > 0) count += await this.keys.destroyAgain(keyIds, this.now());
      if (events.at(-1)!.sequence >= last) end.abort();
    }
    return count;
  }

  private async tell({ id, jobId, objectKey, keyIds, why, requestedAt, by }: Erasure): Promise<void> {
    const job = asJobId(jobId);
    const subject = subjectOf(job, privacyLane, stage);
    const data = { jobId: job, objectKey: objectKey as never, keyIds: [...keyIds], why, requestedAt, by };
    for (let attempt = 1; ; attempt++) {
      const last = await this.log.findLast(subject);
      if (last?.id === id) return; // told before, and broken off right behind it
      const event = {
        jobId: job,
        lane: privacyLane,
        stage,
        definition: PersonErased,
        id,
        at: this.now().toISOString(),
        cause: 0,
        position: 0,
      };
      try {
        await this.appender.append([{ ...event, about: objectKey, data } as never], new Map([[subject, last?.sequence ?? 0]]));
        return;
      } catch (error) {
        if (!(error instanceof StaleWriter) || attempt >= mostAttempts) throw error;
      }
    }
  }
}
