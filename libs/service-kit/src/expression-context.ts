import { createHash } from 'node:crypto';

import type { ExpressionContext } from '@provident/domain';

/**
 * What expressions of a creation may know besides the person. Everything follows from the change, so that evaluating it again, after a crash or at a
 * retry, gives the same. That makes random text reproducible by whoever knows the change's id: it is no secret.
 * @param at when the source object was imported, UTC
 */
export function expressionContextOf(changeId: string, at: string): ExpressionContext {
  let drawn = 0;
  const next = (): Buffer => createHash('sha256').update(`${changeId}#${drawn++}`).digest();
  return {
    now: at,
    random: (below) => Number(next().readBigUInt64BE() % BigInt(below)), // 64 bits: the bias is far below what anybody could notice
    newId: () => idFrom(next()),
  };
}

/** RFC 9562, version 8: an id of which the bits are our own affair. */
function idFrom(bytes: Buffer): string {
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
