import { accessPaths, CommandAnswer, type GrantView, TokenMadeView, TokensView } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { at, deleteJson, getJson, postJson } from './request.js';

/** Every API token, without the tokens themselves. */
export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async ({ signal }) => (await getJson(TokensView, accessPaths.tokens, {}, signal)).tokens,
});

export interface TokenOrder {
  readonly name: string;
  readonly grants: readonly GrantView[];
  /** Null: never. */
  readonly expiresInDays: number | null;
}

/** Makes a token; this answer alone shows it. */
export const makeToken = (order: TokenOrder): Promise<TokenMadeView> => postJson(TokenMadeView, accessPaths.tokens, order);

/** Refuses a token from now on. */
export const revokeToken = (tokenId: string): Promise<CommandAnswer> => deleteJson(CommandAnswer, at(accessPaths.token, { tokenId }));
