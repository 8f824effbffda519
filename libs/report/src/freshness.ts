import { query, type ReadModels } from './database.js';

export interface Freshness {
  /** Log sequence up to which the read models tell. */
  readonly position: number;
  /** Newest sequence of the log. */
  readonly head: number;
  /** When the event at `position` happened. */
  readonly at: string;
}

const never = new Date(0).toISOString();

/** Up to where the read models tell. */
export async function getPosition(models: ReadModels): Promise<{ position: number; at: string }> {
  const [row] = await query<{ sequence: number; at: string | null }>(models, 'select sequence, at from position');
  return { position: row?.sequence ?? 0, at: row?.at ?? never };
}

/** @param head newest sequence of the log; null when the log cannot be asked, which then counts as read to its end */
export async function getFreshness(models: ReadModels, head: number | null): Promise<Freshness> {
  const { position, at } = await getPosition(models);
  return { position, head: Math.max(head ?? position, position), at };
}
