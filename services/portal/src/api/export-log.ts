import { apiPaths, LogEntryView } from '@provident/contracts/http';

import type { LogAsked } from './find-log.js';
import { ApiProblem, checked, send, withQuery } from './request.js';

export type LogFilters = Omit<LogAsked, 'limit' | 'cursor' | 'startAt' | 'change'>;

const patienceMs = 6 * 60 * 60_000;

/**
 * All entries of the log that fit, newest first, in pieces as they come: however many there are, only one piece is kept.
 * @throws ApiProblem, also when the answer breaks off; the signal's reason when it was given up
 */
export async function* exportLog(
  asked: LogFilters & { readonly detail: 'steps' | 'entries' },
  signal: AbortSignal,
): AsyncGenerator<LogEntryView[]> {
  const response = await send(withQuery(apiPaths.exportLog, { ...asked }), {}, signal, patienceMs);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let rest = ''; ; ) {
      const { done, value = '' } = await reader.read();
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      if (lines.length > 0) yield lines.map((line) => checked(LogEntryView, JSON.parse(line)));
      if (done) return;
    }
  } catch (cause) {
    if (signal.aborted || cause instanceof ApiProblem) throw cause;
    throw new ApiProblem('unreachable', cause instanceof Error ? cause.message : String(cause), 0);
  } finally {
    await reader.cancel().catch(() => undefined); // a stream that broke off has nothing left to give up
  }
}
