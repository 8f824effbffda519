import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Makes a token recognizable, also for those who look for leaked ones. */
const prefix = 'pvt';
const form = /^pvt_([\w-]{12})_([\w-]{43})$/;

/** An API token in its two parts: who it is, and what proves it (256 random bits). */
export interface ApiToken {
  readonly tokenId: string;
  readonly secret: string;
}

export function newApiToken(): ApiToken {
  return { tokenId: randomBytes(9).toString('base64url'), secret: randomBytes(32).toString('base64url') };
}

/** As it is sent. */
export const printApiToken = ({ tokenId, secret }: ApiToken): string => `${prefix}_${tokenId}_${secret}`;

/** null for a text that is none. */
export function parseApiToken(text: string): ApiToken | null {
  const [, tokenId, secret] = form.exec(text) ?? [];
  return tokenId === undefined || secret === undefined ? null : { tokenId, secret };
}

/** What is kept of a token. Its secret cannot be guessed, so that a plain hash hides it. */
export const hashOf = ({ secret }: ApiToken): Buffer => createHash('sha256').update(secret).digest();

/** In a time that does not tell how much is right. */
export const isTokenOf = (hash: Buffer, token: ApiToken): boolean => timingSafeEqual(hash, hashOf(token));
