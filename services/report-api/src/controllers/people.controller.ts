import { Controller, Get, Inject, Param, Query, UseInterceptors } from '@nestjs/common';
import {
  type AttemptDifferenceView,
  AttemptsQuery,
  apiPaths,
  type PersonStoryView,
  StoryQuery,
  WhyQuery,
  type WhyView,
} from '@provident/contracts';
import { getAttemptDifference, getStory, getWhy } from '@provident/report';

import { parsedQuery } from '../http/parsed.pipe.js';
import { PositionInterceptor } from '../http/position.interceptor.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';

/** What is asked about one person. */
@Controller()
@UseInterceptors(PositionInterceptor)
export class PeopleController {
  constructor(@Inject(READ_MODELS) private readonly models: ReadModels) {}

  @Get(apiPaths.story)
  story(@Param('value') value: string, @Query(parsedQuery(StoryQuery)) { at, job }: StoryQuery): Promise<PersonStoryView> {
    return getStory(this.models, { value, at: at ?? null, jobId: job });
  }

  @Get(apiPaths.why)
  why(@Param('value') value: string, @Query(parsedQuery(WhyQuery)) { job }: WhyQuery): Promise<WhyView> {
    return getWhy(this.models, { value, jobId: job });
  }

  @Get(apiPaths.attempts)
  difference(@Query(parsedQuery(AttemptsQuery)) asked: AttemptsQuery): Promise<AttemptDifferenceView> {
    const { from, fromAttempt, to = from, toAttempt = null } = asked;
    return getAttemptDifference(this.models, { changeId: from, attempt: fromAttempt }, { changeId: to, attempt: toAttempt });
  }
}
