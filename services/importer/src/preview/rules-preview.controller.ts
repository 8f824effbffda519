import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { type CommandAnswer, PreviewRules } from '@provident/contracts';

import { RulesPreview } from './rules-preview.js';

/** Tries rules for whoever writes them. */
@Controller()
export class RulesPreviewController {
  constructor(private readonly rules: RulesPreview) {}

  @MessagePattern(PreviewRules.subject)
  preview(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.rules.preview(PreviewRules.schema.parse(payload));
  }
}
