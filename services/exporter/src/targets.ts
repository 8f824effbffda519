import type { JobRegistry } from '@provident/bus';
import { ConnectorError, ConnectorOpeners, type Openers, type TargetConnector, TargetGate } from '@provident/connectors';
import { targetSystem } from '@provident/connectors/config';
import { type JobDefinition, type JobId, type ObjectKey, mappingOf, partsOf } from '@provident/domain';

import type { ExporterConfig } from './config.js';

/** A target that is open, with what the instance knows of its health. */
export interface OpenTarget {
  readonly connector: TargetConnector;
  readonly gate: TargetGate;
  /** What objects of that key are called there. @throws ConnectorError `misconfigured` when the job does not provision such objects */
  readonly objectTypeOf: (objectKey: ObjectKey) => string;
  readonly close: () => Promise<void>;
}

interface Entry {
  readonly jobId: JobId;
  readonly rules: number;
  readonly opening: Promise<OpenTarget>;
}

/**
 * The targets of the jobs, each opened once and shared by all lanes of the instance; opened anew when the job's rules change. A decision is carried
 * out in the system that it was made for: when a job turns to another one, what was decided before still goes to the old.
 */
export class Targets {
  private readonly opened = new Map<string, Entry>();

  constructor(
    private readonly registry: JobRegistry,
    private readonly config: Pick<ExporterConfig, 'TARGET_TIMEOUT_MS' | 'PROVIDENT_BASE_DIR'>,
    private readonly openers: Pick<Openers, 'target' | 'paces'> = new ConnectorOpeners(),
  ) {}

  /** @throws ConnectorError when the job's target cannot be opened */
  async open(jobId: JobId, rules: number, signal: AbortSignal): Promise<OpenTarget> {
    const { definition } = await this.registry.rulesAt(rules);
    const key = `${jobId} ${targetSystem(definition.target)}`;
    const known = this.opened.get(key);
    if (known && known.rules >= rules) return known.opening;
    const opening = this.connect(jobId, rules, signal);
    this.opened.set(key, { jobId, rules, opening });
    opening.catch(() => this.opened.delete(key));
    void known?.opening.then((old) => old.close()).catch(() => undefined); // it never opened
    return opening;
  }

  /** The job has recovered: what this instance found a moment ago holds no more. */
  reopen(jobId: JobId): void {
    for (const { jobId: of, opening } of this.opened.values()) {
      if (of === jobId) void opening.then(({ gate }) => gate.reopen()).catch(() => undefined); // it never opened
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.opened.values()].map(async ({ opening }) => (await opening).close()));
  }

  private async connect(jobId: JobId, rules: number, signal: AbortSignal): Promise<OpenTarget> {
    const { definition, baseDir } = await this.registry.rulesAt(rules);
    const pace = await this.openers.paces?.for(jobId, definition.target);
    try {
      const connector = await this.openers.target(definition.target, {
        baseDir: this.config.PROVIDENT_BASE_DIR ?? baseDir,
        readOnly: false,
        timeoutMs: this.config.TARGET_TIMEOUT_MS,
        pace,
      });
      const { concurrency } = await connector.abilities(signal);
      return {
        connector,
        gate: new TargetGate(concurrency, { pace: pace ?? null }),
        objectTypeOf: (objectKey) => objectTypeOf(objectKey, definition),
        close: async () => {
          await connector.close();
          await pace?.close();
        },
      };
    } catch (error) {
      await pace?.close();
      throw error;
    }
  }
}

function objectTypeOf(objectKey: ObjectKey, definition: JobDefinition): string {
  const { objectType } = partsOf(objectKey);
  const mapping = mappingOf(definition, objectType);
  if (mapping) return mapping.target;
  throw new ConnectorError({
    kind: 'misconfigured',
    code: 'type-not-mapped',
    message: `the job has no rules for objects of type "${objectType}" any more`,
  });
}
