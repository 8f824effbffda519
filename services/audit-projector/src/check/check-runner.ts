import { randomUUID } from 'node:crypto';

import type { CommandAnswer, Finding, Initiator, ReadModelCheckView } from '@provident/contracts';

import type { CheckRecords } from './check-records.js';
import type { ReadModelCheck } from './read-model-check.js';

interface Logger {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

type Report = (change: Partial<ReadModelCheckView>) => void;

const notedEveryMs = 1_000;

/** Carries out one check at a time, and tells how it stands. */
export class CheckRunner {
  private readonly ending = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly records: CheckRecords,
    private readonly makeCheck: (report: Report) => ReadModelCheck,
    private readonly logger: Logger,
  ) {}

  async start({ kind, by }: { kind: 'verify' | 'rebuild'; by: Initiator }): Promise<CommandAnswer> {
    const other = await this.records.findRunning();
    if (other) return answer(false, `a check is running already (${other.checkId}, ${other.kind}, since ${other.startedAt})`, other);
    const view: ReadModelCheckView = {
      checkId: randomUUID(),
      kind,
      state: 'running',
      by,
      startedAt: new Date().toISOString(),
      endedAt: null,
      position: 0,
      head: 0,
      findings: [],
    };
    await this.records.note(view);
    this.running = this.carryOut(view);
    return answer(
      true,
      kind === 'verify' ? 'the read models are being compared with the log' : 'the read models are being built anew',
      view,
    );
  }

  async find(checkId: string): Promise<CommandAnswer> {
    const view = isUuid.test(checkId) ? await this.records.find(checkId) : null;
    return view ? answer(true, view.state, view) : answer(false, `there is no check "${checkId}"`);
  }

  async end(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  private async carryOut(view: ReadModelCheckView): Promise<void> {
    let current = view;
    const noting = setInterval(() => void this.note(current), notedEveryMs);
    const report: Report = (change) => (current = { ...current, ...change });
    try {
      const findings = await this.makeCheck(report).run(view.kind, this.ending.signal);
      report({ findings: [...findings], state: findings.every(({ ok }) => ok) ? 'succeeded' : 'differences' });
      this.logger.info({ kind: view.kind, findings }, 'the read models were checked');
    } catch (error) {
      report({ findings: [notCarriedOut(error)], state: 'failed' });
      this.logger.error({ err: error, kind: view.kind }, 'a check of the read models could not be carried out');
    } finally {
      clearInterval(noting);
    }
    report({ endedAt: new Date().toISOString() });
    await this.note(current);
  }

  /** Who asks is told late rather than never: the check itself does not depend on it. */
  private async note(view: ReadModelCheckView): Promise<void> {
    await this.records.note(view).catch((error: unknown) => this.logger.error({ err: error }, 'how a check stands could not be noted'));
  }
}

const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const notCarriedOut = (error: unknown): Finding => ({
  check: 'carried-out',
  ok: false,
  text: error instanceof Error ? error.message : String(error),
});

const answer = (ok: boolean, message: string, check?: ReadModelCheckView): CommandAnswer => ({
  ok,
  message,
  issues: [],
  result: check ? { checkId: check.checkId, check } : {},
});
