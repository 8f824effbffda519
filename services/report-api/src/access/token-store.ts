import type { Initiator, TokenView } from '@provident/contracts';
import type { Grant } from '@provident/domain';
import type { DataSource, EntityManager } from 'typeorm';

import { type ApiToken, hashOf, isTokenOf } from './api-token.js';

interface TokenRow {
  readonly token_id: string;
  readonly name: string;
  readonly hash: Buffer;
  readonly grants: Grant[];
  readonly created_at: Date;
  readonly created_by: Initiator;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
}

export interface NewToken {
  readonly token: ApiToken;
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly by: Initiator;
  readonly expiresAt: Date | null;
}

/** A token with this name holds already. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken';
}

export interface KnownToken {
  readonly tokenId: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly expiresAt: Date | null;
}

const lastUseIsKept = `interval '1 hour'`;
const uniqueViolation = '23505';

/** API tokens, in report-api's own schema. Every use asks the database, so that a revocation counts at once for all instances. */
export class TokenStore {
  constructor(
    private readonly database: DataSource,
    private readonly now: () => Date,
  ) {}

  /**
   * Keeps a token, unless `tell` fails: no token works that nobody was told of.
   * @throws NameTaken
   */
  async add({ token, name, grants, by, expiresAt }: NewToken, tell: () => Promise<void>): Promise<TokenView> {
    try {
      return await this.database.transaction(async (manager) => {
        await manager.query(
          `insert into token (token_id, name, hash, grants, created_at, created_by, expires_at) values ($1, $2, $3, $4, $5, $6, $7)`,
          [token.tokenId, name, hashOf(token), JSON.stringify(grants), this.now(), JSON.stringify(by), expiresAt],
        );
        await tell();
        return this.view((await find(manager, token.tokenId))!);
      });
    } catch (error) {
      if ((error as { code?: unknown }).code !== uniqueViolation) throw error;
      throw new NameTaken(`a token named "${name}" holds already: revoke it first, or choose another name`, { cause: error });
    }
  }

  /** The token, if it is one that holds; null for any other, without a word on why. */
  async check(token: ApiToken): Promise<KnownToken | null> {
    const row = await find(this.database.manager, token.tokenId);
    if (!row || !isTokenOf(row.hash, token) || this.stateOf(row) !== 'valid') return null;
    return { tokenId: row.token_id, name: row.name, grants: row.grants, expiresAt: row.expires_at };
  }

  /** That it was used, to the hour: reports are not to become writes. */
  async noteUse(tokenId: string): Promise<void> {
    const now = this.now();
    await this.database.query(
      `update token set last_used_at = $2 where token_id = $1 and (last_used_at is null or last_used_at < $2::timestamptz - ${lastUseIsKept})`,
      [tokenId, now],
    );
  }

  /** Those that hold first, then the others; each by name. */
  async list(): Promise<TokenView[]> {
    const rows = await this.database.query<TokenRow[]>(
      `select * from token order by revoked_at is not null, name, created_at desc limit 1000`,
    );
    return rows.map((row) => this.view(row));
  }

  /** By id, or by the name of the one that holds. */
  async find(idOrName: string): Promise<TokenView | null> {
    const [row] = await this.database.query<TokenRow[]>(
      'select * from token where token_id = $1 or (name = $1 and revoked_at is null) order by (token_id = $1) desc limit 1',
      [idOrName],
    );
    return row ? this.view(row) : null;
  }

  /** Refuses it from now on, unless `tell` fails. @returns false when that was done before */
  async revoke(tokenId: string, by: Initiator, tell: () => Promise<void>): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const [, changed] = await manager.query<[unknown, number]>(
        'update token set revoked_at = $2, revoked_by = $3 where token_id = $1 and revoked_at is null',
        [tokenId, this.now(), JSON.stringify(by)],
      );
      if (changed > 0) await tell();
      return changed > 0;
    });
  }

  private stateOf({ revoked_at, expires_at }: TokenRow): TokenView['state'] {
    if (revoked_at !== null) return 'revoked';
    return expires_at !== null && expires_at <= this.now() ? 'expired' : 'valid';
  }

  /** Never its hash. */
  private view(row: TokenRow): TokenView {
    return {
      tokenId: row.token_id,
      name: row.name,
      grants: row.grants.map(({ role, jobs }) => ({ role, jobs: jobs === null ? null : [...jobs] })),
      createdAt: row.created_at.toISOString(),
      createdBy: row.created_by,
      expiresAt: row.expires_at?.toISOString() ?? null,
      lastUsedAt: row.last_used_at?.toISOString() ?? null,
      revokedAt: row.revoked_at?.toISOString() ?? null,
      state: this.stateOf(row),
    };
  }
}

async function find(manager: EntityManager, tokenId: string): Promise<TokenRow | null> {
  const [row] = await manager.query<TokenRow[]>('select * from token where token_id = $1', [tokenId]);
  return row ?? null;
}
