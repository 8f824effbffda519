import { randomBytes } from 'node:crypto';

import { Controller, Get, Headers, HttpException, Inject, Param, Res } from '@nestjs/common';
import { portalPath } from '@provident/contracts';
import { NotFound } from '@provident/report';
import type { FastifyReply } from 'fastify';

import { OpenIdEndpoints } from '../access/openid.js';
import type { PortalFiles } from '../portal/portal-files.js';
import { askAgain, aYear, pageHeaders } from '../portal/portal-headers.js';
import { PORTAL } from '../tokens.js';

/** The portal: static files, and one page for every path that is none. */
@Controller()
export class PortalController {
  constructor(
    @Inject(PORTAL) private readonly files: PortalFiles | null,
    @Inject(OpenIdEndpoints) private readonly endpoints: OpenIdEndpoints,
  ) {}

  @Get('/')
  async home(@Res() reply: FastifyReply): Promise<void> {
    await reply.redirect(`${portalPath}/`, 302);
  }

  @Get(portalPath)
  async page(@Res() reply: FastifyReply): Promise<void> {
    const nonce = randomBytes(16).toString('base64url');
    const addresses = await this.endpoints.find();
    await reply
      .headers({
        ...pageHeaders(nonce, addresses && new URL(addresses.token).origin),
        'cache-control': 'no-store',
        'content-type': 'text/html; charset=utf-8',
      })
      .send(this.built().index(nonce));
  }

  @Get(`${portalPath}/*`)
  async file(
    @Param('*') name: string,
    @Headers('accept-encoding') accepted: string | undefined,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (name === 'index.html') return this.page(reply);
    const file = this.built().find(name);
    if (!file) {
      // A page's path has no dot in its last part; a file that is gone is not answered with a page.
      if (/^assets\/|\.[a-z0-9]+$/i.test(name)) throw new NotFound(`the portal has no file ${name}`);
      return this.page(reply);
    }
    const zips = file.gzip !== null && /\bgzip\b/.test(accepted ?? '');
    void reply.headers({
      'cache-control': file.immutable ? aYear : askAgain,
      'content-type': file.type,
      etag: file.etag,
      vary: 'accept-encoding',
    });
    if (known === file.etag) return void (await reply.status(304).send());
    if (zips) void reply.header('content-encoding', 'gzip');
    await reply.send(zips ? file.gzip : file.body);
  }

  private built(): PortalFiles {
    if (this.files) return this.files;
    throw new HttpException('the portal is not built: run "npm run build" and start again', 503);
  }
}
