import { Controller, Get, Inject, Query, UseInterceptors } from '@nestjs/common';
import { apiPaths, type LogPageView } from '@provident/contracts';
import { findLog } from '@provident/report';

import { parsedQuery } from '../http/parsed.pipe.js';
import { PositionInterceptor } from '../http/position.interceptor.js';
import { LogQuery } from '@provident/contracts';
import { READ_MODELS, type ReadModels } from '../tokens.js';

@Controller()
@UseInterceptors(PositionInterceptor)
export class LogController {
  constructor(@Inject(READ_MODELS) private readonly models: ReadModels) {}

  @Get(apiPaths.log)
  log(@Query(parsedQuery(LogQuery)) { job, ...asked }: LogQuery): Promise<LogPageView> {
    return findLog(this.models, { ...asked, jobId: job });
  }
}
