import { Controller, Get, Inject, Param, Query, UseInterceptors } from '@nestjs/common';
import { type DriftPageView, DriftQuery, driftPath } from '@provident/contracts';
import { assertJob, listDrift } from '@provident/report';

import { parsedQuery } from '../http/parsed.pipe.js';
import { PositionInterceptor } from '../http/position.interceptor.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';

/** What was found changed by hand in the target. */
@Controller()
@UseInterceptors(PositionInterceptor)
export class DriftController {
  constructor(@Inject(READ_MODELS) private readonly models: ReadModels) {}

  @Get(driftPath)
  async drift(@Param('jobId') jobId: string, @Query(parsedQuery(DriftQuery)) asked: DriftQuery): Promise<DriftPageView> {
    await assertJob(this.models, jobId);
    return listDrift(this.models, { ...asked, jobId });
  }
}
