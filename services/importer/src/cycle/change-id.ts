import { createHash } from 'node:crypto';

import { type ChangeId, asChangeId } from '@provident/domain';

/** Names one object's way through one cycle, in the form of a UUID; the same cycle and object (its key, or its record's place) give the same name. */
export function changeIdOf(cycleId: string, object: string): ChangeId {
  const hex = createHash('sha1').update(`${cycleId} ${object}`).digest('hex');
  return asChangeId(`${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`);
}
