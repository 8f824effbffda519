import { Controller, Get, Query } from '@nestjs/common';
import { apiPaths, NoQuery, openApiDocument } from '@provident/contracts';

import { parsedQuery } from '../http/parsed.pipe.js';

const document = openApiDocument();

@Controller()
export class OpenApiController {
  @Get(apiPaths.openapi)
  document(@Query(parsedQuery(NoQuery)) _query: object): object {
    return document;
  }
}
