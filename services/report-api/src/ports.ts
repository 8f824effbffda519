import type { KnownLog } from '@provident/bus';
import type { CommandAnswer, HealthView, Initiator, PaceView, RateView } from '@provident/contracts';
import type { Rotation, SecretFacts, VaultFacts } from '@provident/vault';
import type { z } from 'zod';

/** What a command is: its subject, and the shape of its payload. */
export interface Command<Schema extends z.ZodType = z.ZodType> {
  readonly subject: string;
  readonly schema: Schema;
  /** The service that answers. */
  readonly owner: string;
}

/** Nobody answered: the order may or may not have been carried out. */
export class CommandUnanswered extends Error {
  override readonly name = 'CommandUnanswered';
}

/** Orders to the service that owns the jobs. */
export abstract class Commands {
  /** @throws CommandUnanswered */
  abstract send<Schema extends z.ZodType>(command: Command<Schema>, payload: z.input<Schema>): Promise<CommandAnswer>;
}

/** What the broker knows. */
export abstract class Broker {
  abstract readonly durability: NonNullable<HealthView['durability']>;
  /** Sequence of the newest event; null when the broker does not answer. */
  abstract head(): Promise<number | null>;
  /** How the log differs from what is known of it, in words; null when nothing speaks against it, or when the broker does not answer. */
  abstract departureFrom(known: KnownLog): Promise<string | null>;
  /** The whole log as lines of JSON; ends with the signal. */
  abstract archive(signal: AbortSignal): AsyncIterable<string>;
  /** Living and lately dead instances of all services. */
  abstract sessions(): Promise<HealthView['services']>;
  /** What holds a job up at its target; null for nothing, or when the broker does not answer. */
  abstract pace(jobId: string): Promise<PaceView | null>;
  /** How a job fares with what its target allows; null when nothing is known of that. */
  abstract rate(jobId: string): Promise<RateView | null>;
}

/** The secrets that jobs refer to by name: they go in and never come out. Every change is on record. */
export abstract class Secrets {
  abstract list(): Promise<readonly SecretFacts[]>;
  /** @throws VaultUnusable */
  abstract set(name: string, value: string, by: Initiator): Promise<void>;
  /** @returns false when there was none */
  abstract delete(name: string, by: Initiator): Promise<boolean>;
  abstract facts(): Promise<VaultFacts>;
  /** @throws VaultUnusable */
  abstract rotate(by: Initiator): Promise<Rotation>;
  /** Everything, sealed as it is, as lines of JSON. */
  abstract dump(): AsyncIterable<string>;
  abstract close(): Promise<void>;
}
