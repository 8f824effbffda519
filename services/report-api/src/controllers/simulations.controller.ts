import { Readable } from 'node:stream';

import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { SimulationStore } from '@provident/bus';
import {
  apiPaths,
  CancelSimulation,
  type CommandAnswer,
  EmptyOrder,
  JobDraft,
  NoQuery,
  SimulatedCsvQuery,
  SimulatedRowsQuery,
  type SimulatedRowsView,
  SimulateJob,
  SimulateOrder,
  type SimulationView,
} from '@provident/contracts';
import { NotFound } from '@provident/report';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';

import { orderedBy } from '../access/caller.js';
import { BadRequest } from '../http/bad-request.js';
import { CommandRefused } from '../http/error-answer.js';
import { parsedBody, parsedQuery } from '../http/parsed.pipe.js';
import { CommandUnanswered, Commands } from '../ports.js';
import { People } from '../privacy/people.js';
import { csvOf } from '../simulations/simulation-csv.js';
import { viewOf } from '../simulations/simulation-view.js';
import { BASE_DIR, SIMULATIONS } from '../tokens.js';

/** Begins simulations, and shows what they found. */
@Controller()
export class SimulationsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(SIMULATIONS) private readonly store: SimulationStore,
    @Inject(BASE_DIR) private readonly baseDir: string,
    @Inject(People) private readonly people: People,
  ) {}

  /** Of a job, under its own rules or under those of a file that is not applied. */
  @Post(apiPaths.simulateJob)
  @HttpCode(202)
  ofJob(
    @Param('jobId') jobId: string,
    @Body(parsedBody(SimulateOrder)) { definition, baseDir = this.baseDir, compare }: SimulateOrder,
  ): Promise<CommandAnswer> {
    const draft = definition === undefined ? null : { definition, baseDir };
    return this.begin({ jobId, draft, compare, by: orderedBy() });
  }

  /** Of a job file, whether or not its job was ever applied. */
  @Post(apiPaths.simulate)
  @HttpCode(202)
  ofFile(@Body(parsedBody(JobDraft)) { definition, baseDir = this.baseDir }: JobDraft): Promise<CommandAnswer> {
    if (definition === undefined)
      throw new BadRequest('member "definition": the job file, parsed, is missing', [{ path: ['definition'], message: 'is missing' }]);
    return this.begin({ jobId: null, draft: { definition, baseDir }, compare: false, by: orderedBy() });
  }

  @Get(apiPaths.simulation)
  async show(@Param('simulationId') simulationId: string, @Query(parsedQuery(NoQuery)) _query: object): Promise<SimulationView> {
    const found = await this.store.find(simulationId);
    if (!found) throw new NotFound(`there is no simulation ${simulationId}; what simulations found is kept for a week`);
    return viewOf(found, Date.now());
  }

  @Get(apiPaths.simulatedRows)
  async rows(
    @Param('simulationId') simulationId: string,
    @Query(parsedQuery(SimulatedRowsQuery)) asked: SimulatedRowsQuery,
  ): Promise<SimulatedRowsView> {
    await this.show(simulationId, {});
    const { rows, next } = await this.store.listRows(simulationId, asked);
    return { rows: [...rows], next };
  }

  /** All rows as one download; those of a simulation that is running, as far as they are known. */
  @Get(apiPaths.simulatedCsv)
  async csv(
    @Param('simulationId') simulationId: string,
    @Query(parsedQuery(SimulatedCsvQuery)) { action, search }: SimulatedCsvQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { comparing } = await this.show(simulationId, {});
    await reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="simulation-${simulationId}.csv"`)
      .send(Readable.from(csvOf(this.store, this.people, { simulationId, action, search, comparing })));
  }

  @Post(apiPaths.cancelSimulation)
  @HttpCode(200)
  async cancel(@Param('simulationId') simulationId: string, @Body(parsedBody(EmptyOrder)) _order: object): Promise<CommandAnswer> {
    const { state } = await this.show(simulationId, {});
    if (state !== 'running') throw new CommandRefused(refusal(`simulation ${simulationId} has ended already: ${state}`));
    try {
      return await this.commands.send(CancelSimulation(simulationId), {});
    } catch (error) {
      if (!(error instanceof CommandUnanswered)) throw error;
      throw new CommandRefused(refusal(`simulation ${simulationId} is run by nobody any more, or has ended a moment ago`));
    }
  }

  private async begin(wish: z.input<typeof SimulateJob.schema>): Promise<CommandAnswer> {
    const answer = await this.commands.send(SimulateJob, wish);
    if (!answer.ok) throw new CommandRefused(answer);
    return answer;
  }
}

const refusal = (message: string): CommandAnswer => ({ ok: false, message, issues: [], result: {} });
