import type { Message } from '../formats/message.js';

const mostBytes = 1_048_576;

/** Messages that are sent together, and the place in the log that is reached with them; null when the messages behind them belong to the same place. */
export interface Parcel {
  readonly messages: readonly Message[];
  readonly through: number | null;
}

/** Messages in their order, in parcels that are neither too many nor too long. A message that is too long by itself goes alone. Pure. */
export function parcelsOf(messages: readonly Message[], most: number, bytes = mostBytes): Parcel[] {
  const parts: Message[][] = [];
  let size = 0;
  for (const message of messages) {
    const length = Buffer.byteLength(message.text);
    const last = parts.at(-1);
    if (last && last.length < most && size + length <= bytes) {
      last.push(message);
      size += length;
    } else {
      parts.push([message]);
      size = length;
    }
  }
  return parts.map((part, index) => {
    const through = part.at(-1)!.sequence;
    const next = parts[index + 1]?.[0]?.sequence;
    return { messages: part, through: next === through ? null : through };
  });
}
