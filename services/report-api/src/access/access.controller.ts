import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  accessPaths,
  type CommandAnswer,
  type MeView,
  NoQuery,
  type SignInView,
  TokenCreated,
  TokenMadeView,
  TokenOrder,
  TokenRevoked,
  type TokensView,
} from '@provident/contracts';
import { canBeLimited, jobsWith, permissionsIn } from '@provident/domain';
import { NotFound } from '@provident/report';

import { BadRequest } from '../http/bad-request.js';
import { parsedBody, parsedQuery } from '../http/parsed.pipe.js';
import { AccessLog } from './access-log.js';
import { newApiToken, printApiToken } from './api-token.js';
import { currentCaller, orderedBy } from './caller.js';
import { OpenIdEndpoints } from './openid.js';
import type { AccessSettings } from './settings.js';
import { ACCESS_SETTINGS } from './tokens.js';
import { TokenStore } from './token-store.js';

const dayMs = 86_400_000;

/** Who asks, how one signs in, and the API tokens. */
@Controller()
export class AccessController {
  constructor(
    @Inject(ACCESS_SETTINGS) private readonly settings: AccessSettings,
    @Inject(TokenStore) private readonly tokens: TokenStore,
    @Inject(AccessLog) private readonly log: AccessLog,
    @Inject(OpenIdEndpoints) private readonly endpoints: OpenIdEndpoints,
  ) {}

  @Get(accessPaths.signIn)
  async signIn(@Query(parsedQuery(NoQuery)) _query: object): Promise<SignInView> {
    const { signIn, openId, clientId, scopes } = this.settings;
    const addresses = await this.endpoints.find();
    return {
      required: signIn === 'required',
      tokens: true,
      openId: openId && {
        issuer: openId.issuer,
        clientId,
        scopes: [...scopes],
        authorizationEndpoint: addresses?.authorization ?? null,
        tokenEndpoint: addresses?.token ?? null,
      },
    };
  }

  @Get(accessPaths.me)
  async me(@Query(parsedQuery(NoQuery)) _query: object): Promise<MeView> {
    const { by, signedIn, grants, expiresAt } = currentCaller();
    return {
      name: by.name,
      signedIn,
      grants: grants.map(({ role, jobs }) => ({ role, jobs: jobs === null ? null : [...jobs] })),
      permissions: Object.fromEntries(
        permissionsIn(grants).map((permission) => {
          const jobs = jobsWith(grants, permission);
          return [permission, jobs === null ? null : [...jobs]];
        }),
      ),
      expiresAt: expiresAt?.toISOString() ?? null,
      signIn: await this.signIn({}),
    };
  }

  @Get(accessPaths.tokens)
  async list(@Query(parsedQuery(NoQuery)) _query: object): Promise<TokensView> {
    return { tokens: await this.tokens.list() };
  }

  /** The one answer that shows the token itself. */
  @Post(accessPaths.tokens)
  @HttpCode(200)
  async make(@Body(parsedBody(TokenOrder)) { name, grants, expiresInDays }: TokenOrder): Promise<TokenMadeView> {
    for (const { role, jobs } of grants)
      if (jobs !== null && !canBeLimited(role)) throw new BadRequest(`the role ${role} cannot be limited to jobs`);
    const expiresAt = expiresInDays === null ? null : new Date(Date.now() + expiresInDays * dayMs);
    const [token, by] = [newApiToken(), orderedBy()];
    const created = { tokenId: token.tokenId, name, grants, expiresAt: expiresAt?.toISOString() ?? null, by };
    const view = await this.tokens.add({ token, name, grants, by, expiresAt }, () => this.log.record(TokenCreated, created));
    return { token: view, secret: printApiToken(token) };
  }

  /** By its id, or by the name of the one that holds. */
  @Delete(accessPaths.token)
  @HttpCode(200)
  async revoke(@Param('tokenId') idOrName: string): Promise<CommandAnswer> {
    const token = await this.tokens.find(idOrName);
    if (!token) throw new NotFound(`there is no API token ${idOrName}`);
    const { tokenId, name } = token;
    const by = orderedBy();
    const isNew = await this.tokens.revoke(tokenId, by, () => this.log.record(TokenRevoked, { tokenId, name, by }));
    return {
      ok: true,
      message: `the token "${name}" is ${isNew ? 'refused from now on' : 'revoked already'}`,
      issues: [],
      result: { tokenId },
    };
  }
}
