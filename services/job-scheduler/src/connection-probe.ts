import { DescribeSystem, ProbeTarget } from '@provident/contracts';
import { type JobDefinition, type JobLife, durationMs, probeDelayMs } from '@provident/domain';
import { z } from 'zod';

/** A question to the service that may speak to a system; resolves to its answer. */
export type Ask = (subject: string, data: unknown) => Promise<unknown>;

const Answer = z.object({ ok: z.boolean() });

/**
 * Looks from time to time whether the systems of a job in quarantine let us in again: the source is asked for its attributes, the target for its
 * number of objects. That both do is no proof of health, but worth a cycle, and the cycle decides. What is known of probes lives in memory: whoever
 * takes the job over begins with the short waits.
 */
export class ConnectionProbe {
  private probes = 0;
  private lastAtMs = -Infinity;
  private beganAtMs: number | null = null;
  private isUnderWay = false;
  private found = false;

  /** @param baseDir where relative paths of the job start */
  constructor(
    private readonly ask: Ask,
    private readonly baseDir: () => string,
  ) {}

  /** Whether both systems let us in when they were asked last, and no cycle has tried since. */
  get isReachable(): boolean {
    return this.found;
  }

  /** Begins a probe when one is due. @param ended called when the systems let us in */
  look(life: JobLife, nowMs: number, ended: () => void): void {
    const { quarantine, definition } = life;
    if (definition === null || quarantine?.reason !== 'connection' || life.running !== null || life.isPaused || life.isDisabled) {
      this.found = false;
      return;
    }
    if (this.beganAtMs !== quarantine.beganAtMs) {
      this.beganAtMs = quarantine.beganAtMs;
      this.probes = 0;
      this.lastAtMs = -Infinity;
    }
    const dueMs = Math.max(this.lastAtMs, quarantine.foundAtMs) + probeDelayMs(durationMs(definition.quarantine.probeAfter), this.probes);
    if (this.isUnderWay || this.found || nowMs < dueMs) return;
    this.isUnderWay = true;
    this.probes++;
    this.lastAtMs = nowMs;
    void this.letsUsIn(definition).then((found) => {
      this.isUnderWay = false;
      this.found = found;
      if (found) ended();
    });
  }

  private async letsUsIn({ source, target, objects }: JobDefinition): Promise<boolean> {
    const baseDir = this.baseDir();
    const { connector, config } = target;
    const answers = await Promise.all([
      this.asked(DescribeSystem.source.subject, { connector: source.connector, config: source.config, baseDir }),
      this.asked(ProbeTarget.subject, { connector, config, baseDir, objectType: objects[0]?.target ?? '' }),
    ]);
    return answers.every((answer) => answer);
  }

  /** That nobody answers is a no, as that a system cannot be reached. */
  private async asked(subject: string, data: unknown): Promise<boolean> {
    const answer = Answer.safeParse(await this.ask(subject, data).catch(() => null));
    return answer.success && answer.data.ok;
  }
}
