import { EmbeddedError } from './embedded-error.js';

/** One place where a server may come from. */
export interface Candidate<T> {
  readonly source: string;
  /** The server, or in a few words why not from here. May throw: the message is then the reason. */
  find(): Promise<T | Refusal>;
}

/** Why a place has nothing to offer. `isFinal`: the operator named this place, so no other is tried. */
export class Refusal {
  constructor(
    readonly reason: string,
    readonly isFinal = false,
  ) {}
}

/**
 * Tries the candidates in order, silently, and gives back the first that has something.
 * @throws EmbeddedError naming every attempt and the remedy when none has
 */
export async function findFirst<T extends object>(what: string, candidates: readonly Candidate<T>[], remedy: string): Promise<T> {
  const attempts: string[] = [];
  for (const candidate of candidates) {
    const found = await candidate.find().catch((error: unknown) => new Refusal(error instanceof Error ? error.message : String(error)));
    if (!(found instanceof Refusal)) return found;
    if (found.isFinal) throw new EmbeddedError(found.reason);
    attempts.push(`  ${candidate.source}: ${found.reason}`);
  }
  throw new EmbeddedError([`No ${what} found. Tried, in this order:`, ...attempts, remedy].join('\n'));
}
