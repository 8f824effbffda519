import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ApiClient } from '../api-client.js';
import { CliError } from '../cli-error.js';
import { notesOf } from '../commands/answer.js';
import type { JobFile } from '../job-file/read-job-file.js';
import { placeIssues, renderIssue } from '../job-file/render-issues.js';

/**
 * Applies a job file unless this very content was applied before and the job is still there; what was changed in between by other means then stays.
 * @returns id of the job, and the API's words when it was asked
 * @throws CliError with every issue on a line of its own
 */
export async function applyOnce(api: ApiClient, file: JobFile, dataFolder: string): Promise<{ jobId: string; message: string | null }> {
  const record = join(dataFolder, 'applied.json');
  const applied = await readApplied(record);
  const digest = createHash('sha256').update(`${file.baseDir}\n${file.text}`).digest('hex');
  if (file.jobId !== null && applied[file.jobId] === digest && (await exists(api, file.jobId))) return { jobId: file.jobId, message: null };
  const answer = await api.apply(file);
  if (!answer.ok || file.jobId === null) {
    const lines = placeIssues(file, answer.issues).map(renderIssue);
    throw new CliError([...lines, `${file.path}: ${answer.message}`].join('\n'), 1, 'job-refused');
  }
  await writeFile(record, `${JSON.stringify({ ...applied, [file.jobId]: digest }, null, 2)}\n`);
  return { jobId: file.jobId, message: [...notesOf(answer), answer.message].join('\n') };
}

const exists = async (api: ApiClient, jobId: string): Promise<boolean> => (await api.jobs()).some((job) => job.jobId === jobId);

async function readApplied(file: string): Promise<Record<string, string>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
  } catch {
    return {};
  }
}
