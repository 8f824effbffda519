import { Controller, Get, Inject, Query, UseInterceptors } from '@nestjs/common';
import { type PeopleFoundView, PeopleQuery, peoplePath } from '@provident/contracts';
import { findPeople } from '@provident/report';

import { parsedQuery } from '../http/parsed.pipe.js';
import { PositionInterceptor } from '../http/position.interceptor.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';

@Controller()
@UseInterceptors(PositionInterceptor)
export class PeopleSearchController {
  constructor(@Inject(READ_MODELS) private readonly models: ReadModels) {}

  @Get(peoplePath)
  async find(@Query(parsedQuery(PeopleQuery)) { search, limit }: PeopleQuery): Promise<PeopleFoundView> {
    return { people: await findPeople(this.models, search, limit) };
  }
}
