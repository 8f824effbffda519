import { apiPaths } from '@provident/contracts/http';

import { ApiProblem, signed, withQuery } from './request.js';

/** Calls back whenever something has happened, until the signal is given or the connection ends. @throws ApiProblem */
export async function followEvents(job: string | undefined, signal: AbortSignal, happened: () => void): Promise<void> {
  const response = await fetch(withQuery(apiPaths.follow, { job }), signed({ signal, headers: { accept: 'text/event-stream' } }));
  if (!response.ok || !response.body) throw new ApiProblem('unreachable', `HTTP ${response.status}`, response.status);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    if (/^(id|event|data):/m.test(value)) happened();
  }
}
