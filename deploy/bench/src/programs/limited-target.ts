/**
 * A SCIM target that allows so many requests in a time, in a process of its own. Asked by a message, it answers how many it had taken and refused, moment by
 * moment since it began. Arguments: requests, milliseconds.
 */
import { startLimitedScimTarget } from '@provident/connectors/testing';

const everyMs = 100;
const [requests = '', perMs = ''] = process.argv.slice(2);
const { url, meter } = await startLimitedScimTarget({ counting: 'sliding-window', requests: Number(requests), perMs: Number(perMs) });
const moments: [atMs: number, taken: number, refused: number][] = [];
const note = (): void => void moments.push([performance.now(), meter.taken, meter.refused]);
setInterval(note, everyMs);
process.on('message', () => {
  note();
  process.send?.(moments);
});
process.once('disconnect', () => process.exit(0));
process.send?.({ url });
