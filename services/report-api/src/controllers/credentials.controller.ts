import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { type ConnectionTestView, credentialPaths, type CredentialsView, EmptyOrder, NoQuery, SystemOfJob } from '@provident/contracts';
import { listCredentials, NotFound } from '@provident/report';

import { Connections } from '../access/connections.js';
import { parsedBody, parsedQuery } from '../http/parsed.pipe.js';
import { Secrets } from '../ports.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';

/** What a job shows to get in, and whether it is let in. */
@Controller()
export class CredentialsController {
  constructor(
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(Secrets) private readonly secrets: Secrets,
    @Inject(Connections) private readonly connections: Connections,
  ) {}

  @Get(credentialPaths.credentials)
  async credentials(@Param('jobId') jobId: string, @Query(parsedQuery(NoQuery)) _query: object): Promise<CredentialsView> {
    const [{ systems, uses }, known] = await Promise.all([listCredentials(this.models, jobId), this.secrets.list()]);
    const credentials = uses.map((use) => {
      const facts = use.kind === 'secret' ? known.find(({ name }) => name === use.name) : undefined;
      return { ...use, setAt: facts?.setAt ?? null, setBy: facts?.setBy ?? null };
    });
    return { systems, credentials };
  }

  @Post(credentialPaths.testConnection)
  @HttpCode(200)
  async test(
    @Param('jobId') jobId: string,
    @Param('system') system: string,
    @Body(parsedBody(EmptyOrder)) _order: object,
  ): Promise<ConnectionTestView> {
    const known = SystemOfJob.safeParse(system);
    if (!known.success) throw new NotFound(`a job has a source and a target, and no ${system.slice(0, 60)}`);
    return this.connections.test(jobId, known.data);
  }
}
