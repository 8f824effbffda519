import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';

export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly algorithm: string;
  /** Thumbprint of the public key (RFC 7638). */
  readonly keyId: string;
  /** For those who verify. */
  readonly publicKey: JWK;
}

/** The secret is no key that can sign; the message holds nothing of it. */
export class NoSigningKey extends Error {
  override readonly name = 'NoSigningKey';
}

const byCurve: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

/** @param text PKCS #8 in PEM, or a JWK: RSA of at least 2,048 bits, P-256, P-384, P-521 or Ed25519 @throws NoSigningKey */
export async function readSigningKey(text: string): Promise<SigningKey> {
  const privateKey = privateKeyIn(text);
  const algorithm = algorithmOf(privateKey);
  const publicKey = await exportJWK(createPublicKey(privateKey));
  const keyId = await calculateJwkThumbprint(publicKey);
  return { privateKey, algorithm, keyId, publicKey: { ...publicKey, kid: keyId, alg: algorithm, use: 'sig' } };
}

function privateKeyIn(text: string): KeyObject {
  try {
    return text.trimStart().startsWith('{') ? createPrivateKey({ key: JSON.parse(text) as never, format: 'jwk' }) : createPrivateKey(text);
  } catch {
    throw new NoSigningKey('it is no private key: give PKCS #8 in PEM, or a JWK'); // what the parser says may hold a part of it
  }
}

function algorithmOf({ asymmetricKeyType: kind, asymmetricKeyDetails: details }: KeyObject): string {
  if (kind === 'rsa' && (details?.modulusLength ?? 0) >= 2_048) return 'RS256';
  if (kind === 'ed25519') return 'EdDSA';
  const ofCurve = kind === 'ec' ? byCurve[details?.namedCurve ?? ''] : undefined;
  if (ofCurve !== undefined) return ofCurve;
  throw new NoSigningKey('a key of this kind does not sign tokens: RSA of 2,048 bits or more, P-256, P-384, P-521 or Ed25519 do');
}
