import { Controller, Get, Inject, Param, Query, UseInterceptors } from '@nestjs/common';
import {
  apiPaths,
  type CycleReportView,
  type CycleView,
  type JobChangesView,
  type JobDaysView,
  jobDaysPath,
  type JobStatusView,
} from '@provident/contracts';
import { type CyclePage, getCycle, getCycleReport, getJobStatus, listCycles, listDays, listJobChanges, listJobs } from '@provident/report';

import { parsedQuery } from '../http/parsed.pipe.js';
import { PositionInterceptor } from '../http/position.interceptor.js';
import { CyclesQuery, DaysQuery, NoQuery } from '@provident/contracts';
import { Broker } from '../ports.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';
import { WrongLog } from '../wrong-log.js';

@Controller()
@UseInterceptors(PositionInterceptor)
export class JobsController {
  constructor(
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(Broker) private readonly broker: Broker,
    @Inject(WrongLog) private readonly wrongLog: WrongLog,
  ) {}

  @Get(apiPaths.jobs)
  async list(@Query(parsedQuery(NoQuery)) _query: object): Promise<{ jobs: JobStatusView[] }> {
    return { jobs: await Promise.all((await listJobs(this.models, await this.broker.head())).map((job) => this.withPace(job))) };
  }

  @Get(apiPaths.job)
  async status(@Param('jobId') jobId: string, @Query(parsedQuery(NoQuery)) _query: object): Promise<JobStatusView> {
    return this.withPace(await getJobStatus(this.models, jobId, await this.broker.head()));
  }

  private async withPace(status: JobStatusView): Promise<JobStatusView> {
    const { jobId } = status;
    const [pace, rate, wrongLog] = await Promise.all([this.broker.pace(jobId), this.broker.rate(jobId), this.wrongLog.words()]);
    const isLogVolatile = this.broker.durability === 'waived';
    return { ...status, pace, rate, ...(isLogVolatile && { isLogVolatile }), ...(wrongLog !== undefined && { wrongLog }) };
  }

  @Get(apiPaths.cycles)
  cycles(@Param('jobId') jobId: string, @Query(parsedQuery(CyclesQuery)) { limit, cursor }: CyclesQuery): Promise<CyclePage> {
    return listCycles(this.models, { jobId, limit, cursor });
  }

  @Get(jobDaysPath)
  days(@Param('jobId') jobId: string, @Query(parsedQuery(DaysQuery)) { days, zone }: DaysQuery): Promise<JobDaysView> {
    return listDays(this.models, { jobId, days, zone }, Date.now());
  }

  @Get(apiPaths.cycle)
  cycle(@Param('jobId') jobId: string, @Param('cycleId') cycleId: string, @Query(parsedQuery(NoQuery)) _query: object): Promise<CycleView> {
    return getCycle(this.models, jobId, cycleId);
  }

  @Get(apiPaths.cycleReport)
  cycleReport(
    @Param('jobId') jobId: string,
    @Param('cycleId') cycleId: string,
    @Query(parsedQuery(NoQuery)) _query: object,
  ): Promise<CycleReportView> {
    return getCycleReport(this.models, jobId, cycleId);
  }

  @Get(apiPaths.jobChanges)
  async changes(@Param('jobId') jobId: string, @Query(parsedQuery(CyclesQuery)) { limit, cursor }: CyclesQuery): Promise<JobChangesView> {
    return listJobChanges(this.models, { jobId, limit, cursor });
  }
}
