import { BenchError } from '../bench-error.js';
import { type Spread, spreadOf } from '../load/percentile.js';
import { lettersOf, suffixOf } from './multiply.js';
import { idOf, jobId, nameOf, stockPeople } from './stock.js';

/** How long an answer may take at all. */
const patienceMs = 60_000;
const pageSize = 100;

export interface Answer {
  readonly items: number;
  readonly next: string | null;
}

interface Question {
  readonly key: string;
  readonly title: string;
  /** Of the 99th percentile, in ms. */
  readonly goalMs: number;
  readonly times: number;
  readonly path: (at: number) => string;
  /** Whether so many items may be the answer. */
  readonly isRight: (items: number) => boolean;
}

export interface Asked {
  readonly key: string;
  readonly title: string;
  readonly goalMs: number;
  readonly took: Spread;
}

const graph = (filter: string): string => `/v1.0/auditLogs/provisioning?$top=${pageSize}&$filter=${encodeURIComponent(filter)}`;
const some = (items: number): boolean => items > 0;
const none = (items: number): boolean => items === 0;

/**
 * People and days in an order that has nothing to do with where they lie.
 * @param lastDay its beginning, in milliseconds since 1970
 */
export function questionsAbout(blocks: number, lastDay: number): Question[] {
  const person = (at: number): [stock: number, block: number] => [(at * 7_919 + 13) % stockPeople, (at * 31) % blocks];
  const id = (at: number): string => {
    const [stock, block] = person(at);
    return idOf(stock) + suffixOf(block);
  };
  const familyName = (at: number): string => {
    const [stock, block] = person(at);
    return nameOf(stock).split(' ')[1]! + lettersOf(block);
  };
  const day = (at: number): [from: string, to: string] => {
    const from = lastDay - (at % 300) * 86_400_000;
    return [new Date(from).toISOString(), new Date(from + 86_400_000).toISOString()];
  };
  return [
    {
      key: 'person',
      title: "One person's log",
      goalMs: 50,
      times: 300,
      path: (at) => `/provident/v1/log?user=${id(at)}&limit=50`,
      isRight: some,
    },
    { key: 'summary', title: 'Summary of the job', goalMs: 50, times: 100, path: () => `/provident/v1/jobs/${jobId}`, isRight: () => true },
    {
      key: 'failures',
      title: "A day's failures, first page",
      goalMs: 100,
      times: 100,
      path: (at) => {
        const [from, to] = day(at);
        return graph(`activityDateTime ge ${from} and activityDateTime lt ${to} and provisioningStatusInfo/status eq 'failure'`);
      },
      isRight: () => true,
    },
    {
      key: 'contains.rare',
      title: 'Part of a name that few have',
      goalMs: 500,
      times: 40,
      path: (at) => graph(`contains(sourceIdentity/displayName, '${familyName(at).slice(1)}')`),
      isRight: some,
    },
    {
      key: 'contains.common',
      title: 'Part of a name that many have',
      goalMs: 500,
      times: 40,
      path: (at) => graph(`contains(tolower(sourceIdentity/displayName), '${['ada', 'mart', 'rn ', 'o'][at % 4]}')`),
      isRight: some,
    },
    {
      key: 'contains.none',
      title: 'Part of a name that nobody has',
      goalMs: 500,
      times: 10,
      path: (at) => graph(`contains(sourceIdentity/displayName, 'Xyzzy${at}')`),
      isRight: none,
    },
  ];
}

/** Asks each question again and again, one at a time. @throws BenchError for an answer that cannot be right */
export async function askAll(api: string, questions: readonly Question[]): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const { key, title, goalMs, times, path, isRight } of questions) {
    await answerTo(api, path(times));
    const took: number[] = [];
    for (let at = 0; at < times; at++) {
      const begin = performance.now();
      const { items } = await answerTo(api, path(at));
      took.push(performance.now() - begin);
      if (!isRight(items)) throw new BenchError(`${title}: ${items} items answer ${path(at)}`);
    }
    asked.push({ key, title, goalMs, took: spreadOf(took)! });
  }
  return asked;
}

export interface Paged {
  readonly pages: number;
  readonly first: Spread;
  readonly last: Spread;
}

/** The whole log, page behind page. */
export async function turnPages(api: string, pages: number): Promise<Paged> {
  const took: number[] = [];
  for (let next: string | null = `/v1.0/auditLogs/provisioning?$top=${pageSize}`; next !== null && took.length < pages; ) {
    const begin = performance.now();
    ({ next } = await answerTo(api, next));
    took.push(performance.now() - begin);
  }
  const part = Math.max(1, took.length >> 2);
  return { pages: took.length, first: spreadOf(took.slice(1, 1 + part))!, last: spreadOf(took.slice(-part))! };
}

async function answerTo(api: string, path: string): Promise<Answer> {
  const response = await fetch(new URL(path, api), { signal: AbortSignal.timeout(patienceMs) });
  const text = await response.text();
  if (!response.ok) throw new BenchError(`${path} is answered with ${response.status}: ${text.slice(0, 300)}`);
  const body = JSON.parse(text) as { value?: unknown[]; entries?: unknown[]; '@odata.nextLink'?: string };
  const next = body['@odata.nextLink'];
  return {
    items: (body.value ?? body.entries ?? []).length,
    next: next === undefined ? null : new URL(next).pathname + new URL(next).search,
  };
}

export interface Exported {
  readonly entries: number;
  readonly seconds: number;
}

/** Takes the export of the log for a while. */
export async function takeExport(api: string, file: string, mostSeconds: number): Promise<Exported> {
  const ending = new AbortController();
  const begin = performance.now();
  const response = await fetch(new URL(`/provident/v1/export/provisioning?${file}`, api), { signal: ending.signal });
  if (!response.ok || !response.body) throw new BenchError(`the export is answered with ${response.status}`);
  let entries = 0;
  for await (const chunk of response.body) {
    for (const byte of chunk as Uint8Array) if (byte === 10) entries++;
    if ((performance.now() - begin) / 1000 > mostSeconds) break;
  }
  const seconds = (performance.now() - begin) / 1000;
  ending.abort();
  return { entries, seconds };
}
