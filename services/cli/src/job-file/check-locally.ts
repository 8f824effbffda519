import type { CommandAnswer } from '@provident/contracts';
import { connectorRules } from '@provident/connectors/config';
import { validateJob } from '@provident/domain';

import type { JobFile } from './read-job-file.js';

/** What the file alone can tell, without asking its systems for their attributes. */
export function checkLocally(file: JobFile, url: string): CommandAnswer {
  const { issues } = validateJob(file.definition, connectorRules);
  const unasked = `nothing answers at ${url}, so source and target were not asked for their attributes`;
  const message = issues.length === 0 ? `valid as far as the file can tell: ${unasked}` : `not valid; ${unasked}`;
  return { ok: issues.length === 0, message, issues, result: { systemsAsked: false } };
}
