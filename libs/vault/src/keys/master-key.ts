import { createHmac } from 'node:crypto';

import { keyBytes, seal, unseal } from '../seal.js';
import { VaultUnusable } from '../vault-error.js';

/** A data key on its way under a master key or back, with the words that it is bound to. */
export interface Bound {
  readonly bytes: Uint8Array;
  readonly context: string;
}

/** What data keys are wrapped under: a key of our own, or one that a key management service keeps to itself. */
export interface MasterKey {
  /** Names the key and tells nothing of it. */
  readonly id: string;
  /** In the order of the items. @throws VaultUnusable when the key cannot be used now */
  wrap(items: readonly Bound[]): Promise<Buffer[]>;
  /** @throws BrokenSeal, and VaultUnusable when the key cannot be used now */
  unwrap(items: readonly Bound[]): Promise<Buffer[]>;
}

/** A master key that this process holds. */
export class LocalMasterKey implements MasterKey {
  readonly id: string;

  constructor(private readonly key: Uint8Array) {
    this.id = createHmac('sha256', key).update('provident master key id').digest('hex').slice(0, 16);
  }

  /**
   * @param text 32 bytes as base64, base64url or hexadecimal digits
   * @param place where the text stands, for the message
   * @throws VaultUnusable
   */
  static parse(text: string, place: string): LocalMasterKey {
    const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
    if (!/^[\w+/-]+={0,2}$/.test(text) || bytes.length !== keyBytes)
      throw new VaultUnusable(
        `${place} holds no master key: give ${keyBytes} random bytes as base64, as "openssl rand -base64 32" prints them`,
      );
    return new LocalMasterKey(bytes);
  }

  async wrap(items: readonly Bound[]): Promise<Buffer[]> {
    return items.map(({ bytes, context }) => seal(this.key, bytes, context));
  }

  async unwrap(items: readonly Bound[]): Promise<Buffer[]> {
    return items.map(({ bytes, context }) => unseal(this.key, bytes, context));
  }
}
