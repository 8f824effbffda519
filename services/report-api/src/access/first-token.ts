import { readFile, writeFile } from 'node:fs/promises';

import { TokenCreated, TokenRevoked } from '@provident/contracts';

import type { AccessLog } from './access-log.js';
import { type ApiToken, newApiToken, parseApiToken, printApiToken } from './api-token.js';
import { localCaller } from './caller.js';
import type { TokenStore } from './token-store.js';

const ownerAlone = 0o600;

/** The file with the token of this machine cannot be used. */
export class TokenFileUnusable extends Error {
  override readonly name = 'TokenFileUnusable';
}

export interface FirstToken {
  readonly file: string;
  /** Whether the file is made when it is not there. */
  readonly isNeeded: boolean;
  /** Of the token: the same for as long as the machine is. */
  readonly name: string;
}

const by = { kind: 'system', name: 'report-api' } as const;

/**
 * How the first token comes to be: whoever owns the machine's data is its administrator. A file that is removed gets a new token at the next start,
 * and the old one is refused from then on; a token that was revoked stays so.
 * @throws TokenFileUnusable
 */
export async function keepFirstToken({ file, isNeeded, name }: FirstToken, tokens: TokenStore, log: AccessLog): Promise<void> {
  const token = (await readToken(file)) ?? (isNeeded ? await writeToken(file) : null);
  if (!token || (await tokens.find(token.tokenId))) return;
  const before = await tokens.find(name);
  if (before) await tokens.revoke(before.tokenId, by, () => log.record(TokenRevoked, { tokenId: before.tokenId, name, by }));
  const { tokenId } = token;
  const grants = localCaller.grants.map(({ role }) => ({ role, jobs: null }));
  await tokens.add({ token, name, grants, by, expiresAt: null }, () =>
    log.record(TokenCreated, { tokenId, name, grants, expiresAt: null, by }),
  );
}

async function readToken(file: string): Promise<ApiToken | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new TokenFileUnusable(`PROVIDENT_TOKEN_FILE ${file} cannot be read: ${error.message}`, { cause: error });
  });
  if (text === null) return null;
  const token = parseApiToken(text.trim());
  if (!token) throw new TokenFileUnusable(`PROVIDENT_TOKEN_FILE ${file} holds no API token: remove it, and a new one is made`);
  return token;
}

async function writeToken(file: string): Promise<ApiToken> {
  const token = newApiToken();
  try {
    await writeFile(file, `${printApiToken(token)}\n`, { flag: 'wx', mode: ownerAlone });
  } catch (cause) {
    throw new TokenFileUnusable(`PROVIDENT_TOKEN_FILE ${file} cannot be written: ${(cause as Error).message}`, { cause });
  }
  return token;
}
