import { ConnectorError, type SourceConnector, openSource } from '@provident/connectors';
import { connectorRules } from '@provident/connectors/config';
import type { CommandAnswer, PreviewRules, RulesPreviewView } from '@provident/contracts';
import {
  type AttributeBag,
  JobDefinition,
  type ObjectMapping,
  mappingOf,
  previewObject,
  sourceAttributesOf,
  textOf,
  validateJob,
} from '@provident/domain';
import type { BaseDir } from '@provident/service-kit';
import type { z } from 'zod';

import { AssignedSource } from '../assigned-source.js';
import { withhold } from './withhold.js';

const timeoutMs = 10_000;

/** What functions give that have another value each time: not what an account would get, and so the same at every look. */
const example = { now: () => new Date().toISOString(), newId: () => '00000000-0000-4000-8000-000000000000', random: () => 0 };

/** Tries rules that are being written on one object of the source, read as it is now. */
export class RulesPreview {
  constructor(
    private readonly baseDir: BaseDir,
    private readonly open: typeof openSource = openSource,
    /** The jobs that there are: what they hold to be nobody's business is shown to nobody here. */
    private readonly applied: () => readonly JobDefinition[] = () => [],
  ) {}

  async preview({ definition: input, baseDir, objectType, id }: z.infer<typeof PreviewRules.schema>): Promise<CommandAnswer> {
    const parsed = JobDefinition.safeParse(input);
    const { issues } = validateJob(input, connectorRules);
    const rules = parsed.success ? mappingOf(parsed.data, objectType) : undefined;
    if (!parsed.success || issues.some(({ path }) => path[0] === 'source'))
      return refused(`${issues.length} problem(s) in the job file`, issues);
    if (!rules) return refused(`the job file has no rules for "${objectType}" objects`);
    try {
      const attributes = await this.read(parsed.data.source, baseDir, rules, id);
      const result: RulesPreviewView = {
        ...(attributes ? withhold(seen(rules, attributes, id), parsed.data, rules, this.applied()) : unseen(id)),
        issues,
      };
      return {
        ok: true,
        message: attributes ? 'the rules were tried' : `the source has no "${objectType}" with the id ${id}`,
        issues: [],
        result,
      };
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      return refused(`the source cannot be asked: ${error.message}`);
    }
  }

  private async read(source: JobDefinition['source'], baseDir: string, rules: ObjectMapping, id: string): Promise<AttributeBag | null> {
    const opened: SourceConnector = new AssignedSource(
      await this.open(source, { baseDir: this.baseDir.for(baseDir), readOnly: true, timeoutMs }),
    );
    try {
      const found = await opened.find(rules.source, id, sourceAttributesOf(rules), AbortSignal.timeout(timeoutMs));
      return found?.attributes ?? null;
    } finally {
      await opened.close();
    }
  }
}

function seen(rules: ObjectMapping, attributes: AttributeBag, id: string): Omit<RulesPreviewView, 'issues'> {
  const { inScope, clauses, active, mappings } = previewObject(rules, attributes, { ...example, now: example.now() });
  const name = rules.displayName === undefined ? '' : textOf(attributes[rules.displayName] ?? null);
  return {
    found: true,
    id,
    displayName: name === '' ? null : name,
    attributes,
    inScope,
    clauses: [...clauses],
    active,
    mappings: [...mappings],
  };
}

const unseen = (id: string): Omit<RulesPreviewView, 'issues'> => ({
  found: false,
  id,
  displayName: null,
  attributes: {},
  inScope: false,
  clauses: [],
  active: null,
  mappings: [],
});

const refused = (message: string, issues: CommandAnswer['issues'] = []): CommandAnswer => ({ ok: false, message, issues, result: {} });
