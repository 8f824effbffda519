import type { JobRegistry } from '@provident/bus';
import {
  type SourceConnector,
  type TargetAbilities,
  type TargetConnector,
  TargetGate,
  openSource,
  openTarget,
} from '@provident/connectors';
import type { DataOf, JobConfigured } from '@provident/contracts';
import { type ObjectMapping, mappingOf, objectTypes } from '@provident/domain';

import type { ImporterConfig } from './config.js';

/** A job's two systems, open for reading, with the rules that they were opened under. */
export interface OpenSystems {
  readonly rules: number;
  readonly configured: DataOf<typeof JobConfigured>;
  /** Rules for each kind of object, in the order in which they are read. */
  readonly mappings: readonly ObjectMapping[];
  readonly source: SourceConnector;
  readonly target: TargetConnector;
  readonly abilities: TargetAbilities;
  readonly gate: TargetGate;
}

/** The same, for one kind of object. */
export interface TypedSystems extends OpenSystems {
  readonly mapping: ObjectMapping;
}

/** @returns undefined when the job has no rules for such objects */
export function systemsFor(systems: OpenSystems, type: string): TypedSystems | undefined {
  const mapping = systems.mappings.find((each) => each.type === type);
  return mapping && { ...systems, mapping };
}

/** How a job's two systems are opened. */
export interface Openers {
  readonly source: typeof openSource;
  readonly target: typeof openTarget;
}

/** Keeps the systems of one job open between cycles, and opens them anew when the rules change. */
export class Systems {
  private opened: OpenSystems | null = null;

  constructor(
    private readonly registry: JobRegistry,
    private readonly config: ImporterConfig,
    private readonly openers: Openers = { source: openSource, target: openTarget },
  ) {}

  /**
   * Reads without the ability to write: the target is opened read-only.
   * @throws ConnectorError when one of them cannot be opened
   */
  async open(rules: number, signal: AbortSignal): Promise<OpenSystems> {
    if (this.opened?.rules === rules) return this.opened;
    await this.close();
    const configured = await this.registry.rulesAt(rules);
    const { definition } = configured;
    const baseDir = this.config.PROVIDENT_BASE_DIR ?? configured.baseDir;
    const source = await this.openers.source(definition.source, { baseDir, readOnly: true, timeoutMs: this.config.SOURCE_TIMEOUT_MS });
    const target = await this.openers.target(definition.target, { baseDir, readOnly: true, timeoutMs: this.config.TARGET_TIMEOUT_MS });
    const abilities = await target.abilities(signal);
    this.opened = {
      rules,
      configured,
      mappings: objectTypes.flatMap((type) => mappingOf(definition, type) ?? []),
      source,
      target,
      abilities,
      gate: new TargetGate(abilities.concurrency),
    };
    return this.opened;
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    await opened?.source.close();
    await opened?.target.close();
  }
}
