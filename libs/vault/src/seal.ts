import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** What was sealed is damaged, was sealed under another key, or stands under another name than it was sealed for. Its message holds neither key nor value. */
export class BrokenSeal extends Error {
  override readonly name = 'BrokenSeal';
}

export const keyBytes = 32;
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + nonceBytes + tagBytes;

/**
 * AES-256-GCM: a version byte, a random nonce, the tag, the ciphertext.
 * @param key 32 bytes
 * @param context what the value is for: it opens under the same words alone, so that one sealed value cannot stand in for another
 */
export function seal(key: Uint8Array, value: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(context, 'utf8'));
  const sealed = Buffer.concat([cipher.update(value), cipher.final()]);
  return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), sealed]);
}

/** @throws BrokenSeal */
export function unseal(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length < headBytes || bytes[0] !== version) throw new BrokenSeal('this is nothing that was sealed here');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + nonceBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(context, 'utf8'))
    .setAuthTag(bytes.subarray(1 + nonceBytes, headBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(headBytes)), decipher.final()]);
  } catch {
    throw new BrokenSeal('the seal is broken: another key, another name, or damaged');
  }
}
