import { type KeyObject, createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync } from 'node:crypto';

import { BrokenSeal } from '../seal.js';

const nonceBytes = 12;
const tagBytes = 16;

/**
 * The key of one person in one job. The same value is sealed the same way each time, so that doing a thing again says the same, and a value that did not
 * change is seen not to have: the nonce is made of the value by a key of its own. Of different people no two values look alike.
 */
export class PersonKey {
  /** Key objects: with bytes, each use would cost five times as much. */
  private readonly cipherKey: KeyObject;
  private readonly nonceKey: KeyObject;

  constructor(
    readonly id: string,
    key: Uint8Array,
  ) {
    const derived = Buffer.from(hkdfSync('sha256', key, id, 'provident person', 64));
    this.cipherKey = createSecretKey(derived.subarray(0, 32));
    this.nonceKey = createSecretKey(derived.subarray(32));
  }

  /** @param context opens under the same words alone @returns base64url */
  seal(text: string, context: string): string {
    const nonce = createHmac('sha256', this.nonceKey).update(context).update('\0').update(text).digest().subarray(0, nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.cipherKey, nonce, { authTagLength: tagBytes });
    cipher.setAAD(Buffer.from(context, 'latin1'));
    const sealed = cipher.update(text, 'utf8');
    cipher.final();
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** @throws BrokenSeal */
  open(payload: string, context: string): string {
    const bytes = Buffer.from(payload, 'base64url');
    if (bytes.length < nonceBytes + tagBytes) throw new BrokenSeal('this is nothing that was sealed here');
    const decipher = createDecipheriv('aes-256-gcm', this.cipherKey, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(context, 'latin1')).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    try {
      return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
    } catch (cause) {
      throw new BrokenSeal('the seal is broken: another key, another place, or damaged', { cause });
    }
  }
}
