import type { LogEvent } from '@provident/contracts';

/** An event that the bus could not decode, as it tells it: recorded, and the projection goes on behind it. */
export interface UnreadableItem {
  readonly sequence: number;
  /** Why, for people. */
  readonly reason: string;
}

export type LogItem = LogEvent | UnreadableItem;

export const isReadable = (item: LogItem): item is LogEvent => 'data' in item;
