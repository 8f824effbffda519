import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Document } from 'yaml';
import { LineCounter, parseDocument } from 'yaml';

import { CliError, messageOf } from '../cli-error.js';
import type { Place } from './place-of.js';
import { placeOf } from './place-of.js';

/** A job file as the user wrote it, and where everything stands in it. */
export interface JobFile {
  /** Path as it was given, for messages. */
  readonly path: string;
  /** Folder that relative paths of the job start from. */
  readonly baseDir: string;
  readonly text: string;
  readonly definition: unknown;
  readonly jobId: string | null;
  placeOf(path: readonly (string | number)[]): Place;
}

/**
 * Reads a job file, YAML or JSON.
 * @throws CliError when it cannot be read or is not even YAML; the message begins with file, line and column
 */
export async function readJobFile(path: string, cwd: string): Promise<JobFile> {
  const absolute = resolve(cwd, path);
  const text = await readFile(absolute, 'utf8').catch((cause: unknown) => {
    throw new CliError(cannotRead(path, cause), 1, 'unreadable-file', { cause });
  });
  return parseJobFile(path, dirname(absolute), text);
}

export function parseJobFile(path: string, baseDir: string, text: string): JobFile {
  const lines = new LineCounter();
  const document: Document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new CliError(`${path}:${line}:${col}  ${error.message.split('\n', 1)[0]}`, 1, 'bad-yaml');
  }
  const definition = toValue(document, path);
  return { path, baseDir, text, definition, jobId: jobIdOf(definition), placeOf: (at) => placeOf(document, lines, at) };
}

function toValue(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new CliError(`${path}: ${messageOf(cause)}`, 1, 'bad-yaml', { cause });
  }
}

function jobIdOf(definition: unknown): string | null {
  const id = typeof definition === 'object' && definition !== null && 'job' in definition ? definition.job : null;
  return typeof id === 'string' ? id : null;
}

function cannotRead(path: string, cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code;
  const why = { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'permission denied' }[code ?? ''] ?? messageOf(cause);
  return `${path} cannot be read: ${why}`;
}
