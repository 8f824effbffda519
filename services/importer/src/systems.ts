import type { JobRegistry } from '@provident/bus';
import { ConnectorOpeners, type Openers, type TargetAbilities, type TargetConnector, TargetGate } from '@provident/connectors';
import type { DataOf, JobConfigured } from '@provident/contracts';
import { type JobDefinition, type JobId, type ObjectMapping, mappingOf, objectTypes } from '@provident/domain';

import { AssignedSource, type FindFormer } from './assigned-source.js';
import type { ImporterConfig } from './config.js';

/** A job's two systems, open for reading. */
export interface ReadingSystems {
  /** Rules for each kind of object, in the order in which they are read. */
  readonly mappings: readonly ObjectMapping[];
  readonly source: AssignedSource;
  readonly target: TargetConnector;
  readonly abilities: TargetAbilities;
  readonly gate: TargetGate;
  readonly close: () => Promise<void>;
}

/** The same with the rules that they were opened under. */
export interface OpenSystems extends ReadingSystems {
  readonly rules: number;
  readonly configured: DataOf<typeof JobConfigured>;
}

/** Two systems, to one kind of object. */
export type Typed<Systems extends ReadingSystems> = Systems & { readonly mapping: ObjectMapping };
export type TypedSystems = Typed<ReadingSystems>;

/** @returns undefined when the job has no rules for such objects */
export function systemsFor<Systems extends ReadingSystems>(systems: Systems, type: string): Typed<Systems> | undefined {
  const mapping = systems.mappings.find((each) => each.type === type);
  return mapping && { ...systems, mapping };
}

/**
 * Opens the two systems of a job for reading, without the ability to write: connectors refuse it in their lowest layer.
 * @throws ConnectorError when one of them cannot be opened; the other is closed then
 */
export async function openSystems(
  { definition, baseDir: sent }: Pick<DataOf<typeof JobConfigured>, 'definition' | 'baseDir'>,
  config: ImporterConfig,
  openers: Openers,
  signal: AbortSignal,
  former?: FindFormer,
): Promise<ReadingSystems> {
  const baseDir = config.PROVIDENT_BASE_DIR ?? sent;
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const each of opened.reverse()) await each.close();
  };
  try {
    const opening = openers.source(definition.source, { baseDir, readOnly: true, timeoutMs: config.SOURCE_TIMEOUT_MS });
    const source = new AssignedSource(await opening, former);
    opened.push(source);
    const pace = (await openers.paces?.for(definition.job as JobId, definition.target)) ?? null;
    if (pace) opened.push(pace);
    const target = await openers.target(definition.target, {
      baseDir,
      readOnly: true,
      timeoutMs: config.TARGET_TIMEOUT_MS,
      ...(pace && { pace }),
    });
    opened.push(target);
    const abilities = await target.abilities(signal);
    return { mappings: mappingsOf(definition), source, target, abilities, gate: new TargetGate(abilities.concurrency, { pace }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Rules for each kind of object, in the order in which they are read. */
export const mappingsOf = (definition: JobDefinition): ObjectMapping[] => objectTypes.flatMap((type) => mappingOf(definition, type) ?? []);

/** Keeps the systems of one job open between cycles, and opens them anew when the rules change. */
export class Systems {
  private opened: OpenSystems | null = null;

  constructor(
    private readonly registry: JobRegistry,
    private readonly config: ImporterConfig,
    private readonly openers: Openers = new ConnectorOpeners(),
    private readonly former?: FindFormer,
  ) {}

  /**
   * Reads without the ability to write: the target is opened read-only.
   * @throws ConnectorError when one of them cannot be opened
   */
  async open(rules: number, signal: AbortSignal): Promise<OpenSystems> {
    if (this.opened?.rules === rules) return this.opened;
    await this.close();
    const configured = await this.registry.rulesAt(rules);
    this.opened = { rules, configured, ...(await openSystems(configured, this.config, this.openers, signal, this.former)) };
    return this.opened;
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    await opened?.close();
  }
}
