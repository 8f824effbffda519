import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import {
  DescribeJobSystems,
  JobDraft,
  NoQuery,
  PreviewOrder,
  PreviewRules,
  RulesPreviewView,
  type RulesVocabularyView,
  rulesPaths,
  SystemsView,
} from '@provident/contracts';
import { functionFamilies, scopeOperators, signatureOf, unaryOperators } from '@provident/domain';
import type { z } from 'zod';

import { CommandRefused } from '../http/error-answer.js';
import { parsedBody, parsedQuery } from '../http/parsed.pipe.js';
import { type Command, Commands } from '../ports.js';
import { BASE_DIR } from '../tokens.js';

/** For whoever writes rules: what they are made of, what both systems have, and what the rules make of somebody. Nothing is kept of it. */
@Controller()
export class RulesController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(BASE_DIR) private readonly baseDir: string,
  ) {}

  @Get(rulesPaths.vocabulary)
  vocabulary(@Query(parsedQuery(NoQuery)) _query: object): RulesVocabularyView {
    return vocabulary;
  }

  @Post(rulesPaths.systems)
  @HttpCode(200)
  async systems(@Body(parsedBody(JobDraft)) { definition, baseDir = this.baseDir }: JobDraft): Promise<SystemsView> {
    return SystemsView.parse(await this.ask(DescribeJobSystems, { definition, baseDir }));
  }

  @Post(rulesPaths.preview)
  @HttpCode(200)
  async preview(@Body(parsedBody(PreviewOrder)) { baseDir = this.baseDir, ...asked }: PreviewOrder): Promise<RulesPreviewView> {
    return RulesPreviewView.parse(await this.ask(PreviewRules, { ...asked, baseDir }));
  }

  private async ask<Schema extends z.ZodType>(command: Command<Schema>, payload: z.input<Schema>): Promise<unknown> {
    const answer = await this.commands.send(command, payload);
    if (!answer.ok) throw new CommandRefused(answer);
    return answer.result;
  }
}

const vocabulary: RulesVocabularyView = {
  functions: Object.entries(functionFamilies).flatMap(([family, definitions]) =>
    definitions.map((definition) => {
      const [example] = definition.examples;
      return {
        name: definition.name,
        family,
        signature: signatureOf(definition),
        summary: definition.summary,
        example: example ? { expression: example.expression, gives: example.gives } : null,
      };
    }),
  ),
  operators: scopeOperators.map((name) => ({ name, takesValue: !unaryOperators.has(name) })),
};
