import { Readable } from 'node:stream';

import { ActionTaken } from '@provident/contracts';
import { type AttributeValue, type SealedText, replaceSealed, sealedKeyIds, sealedMark, textOf, unopened } from '@provident/domain';
import { openedValue } from '@provident/service-kit';
import type { NoKey, PersonKey } from '@provident/vault';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { AccessLog } from '../access/access-log.js';
import type { Caller } from '../access/caller.js';
import { asksToReveal, mayReveal } from '../access/reveal.js';
import type { People } from './people.js';

export interface UnsealingPorts {
  readonly people: Pick<People, 'forOpening'>;
  readonly log: Pick<AccessLog, 'record'>;
  readonly callerOf: (request: FastifyRequest) => Caller | undefined;
}

/** Answers whose values are opened; a backup stays sealed. */
const opensIn = /^(application\/(problem\+)?json|application\/jsonl|text\/event-stream)\b/;

/**
 * Opens the values in every answer on its way out: whoever may read a report may read it with the values of people; sensitive ones are "(sealed)" unless
 * somebody with the permission asks for them. What was erased is "(erased)".
 */
export function addUnsealing(fastify: FastifyInstance, { people, log, callerOf }: UnsealingPorts): void {
  fastify.addHook('onSend', async (request: FastifyRequest, reply: FastifyReply, payload: unknown) => {
    if (!opensIn.test(String(reply.getHeader('content-type') ?? 'application/json'))) return payload;
    const caller = callerOf(request);
    const reveals = asksToReveal(request) && caller !== undefined && mayReveal(caller);
    let isTold = false;
    const tell = async (): Promise<void> => {
      if (isTold || !caller) return;
      isTold = true;
      const route = `${request.method} ${request.routeOptions.url}`;
      await log.record(ActionTaken, { route, summary: 'Sensitive values were shown', about: aboutOf(request), by: caller.by });
    };
    const open = (text: string): Promise<string> => openText(text, people, reveals ? tell : null);
    if (typeof payload === 'string') return open(payload);
    if (Buffer.isBuffer(payload)) return payload.includes(sealedMark) ? open(payload.toString('utf8')) : payload;
    return payload instanceof Readable ? Readable.from(openedChunks(payload, open), { objectMode: false }) : payload;
  });
}

const aboutOf = ({ params }: FastifyRequest): string | null => (params as { jobId?: string } | undefined)?.jobId ?? null;

/**
 * @param text JSON, in one piece or in lines
 * @param tell known before a sensitive value is shown; null when none are
 */
export async function openText(text: string, people: Pick<People, 'forOpening'>, tell: (() => Promise<void>) | null): Promise<string> {
  if (!text.includes(sealedMark)) return text;
  const keys = await people.forOpening(sealedKeyIds(text));
  let isRevealed = false;
  const said = (sealed: SealedText): unknown => {
    if (sealed.sealClass === 's' && tell === null) return wordFor(keys.get(sealed.keyId), unopened.sealed);
    isRevealed ||= sealed.sealClass === 's';
    return valueOf(sealed, keys, said);
  };
  const opened = inJson(text, said);
  if (isRevealed) await tell?.();
  return opened;
}

type Keys = ReadonlyMap<string, PersonKey | NoKey>;

const wordFor = (key: PersonKey | NoKey | undefined, otherwise: string): string => (key === 'erased' ? unopened.erased : otherwise);

/** A text that was sealed may hold sealed pieces itself: those of a higher class. */
function valueOf(sealed: SealedText, keys: Keys, said: (inner: SealedText) => unknown): unknown {
  const opened = openedValue(sealed, keys);
  if (!opened) return wordFor(keys.get(sealed.keyId), unopened.lost);
  const { value } = opened;
  return typeof value === 'string' ? replaceSealed(value, (inner) => textOf(said(inner) as AttributeValue)) : value;
}

const form = /(\\?")?\{sealed:[ps]:[\w-]{16}:[\w-]+(?::t)?\}(\\?")?/g;

/** In JSON a value that is sealed as a whole becomes that value; within a text, in whatever depth of quoting, a piece of it. */
function inJson(text: string, said: (sealed: SealedText) => unknown): string {
  return text.replace(form, (found, before: string = '', after: string = '', at: number) => {
    const token = found.slice(before.length, found.length - after.length);
    let value: unknown;
    let asText = false;
    replaceSealed(token, (sealed) => {
      value = said(sealed);
      asText = sealed.asText === true;
      return '';
    });
    const isWhole = before === '"' && after === '"';
    if (isWhole && !asText) return JSON.stringify(value);
    const once = escaped(textOf(value as AttributeValue));
    return before + (isJsonWithin(text, at, found, before, after) ? escaped(once) : once) + after;
  });
}

/** Whether a quoted piece of a text is a value of JSON in that text, and not a word of a sentence. */
const isJsonWithin = (text: string, at: number, found: string, before: string, after: string): boolean =>
  before === '\\"' && after === '\\"' && /[[{:,"]/.test(text[at - 1] ?? '') && /[\]}:,"]/.test(text[at + found.length] ?? '');

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Lines as they come, each opened when it is complete. */
async function* openedChunks(chunks: Readable, open: (text: string) => Promise<string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const text = rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk as Buffer, { stream: true }));
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    if (end > 0) yield await open(text.slice(0, end));
  }
  if (rest !== '') yield await open(rest);
}

/** A copy of some data with everything in it opened, for answers that are no JSON. Sensitive values are not shown there. */
export async function openItems<Item>(items: readonly Item[], people: Pick<People, 'forOpening'>): Promise<Item[]> {
  const text = JSON.stringify(items);
  return text.includes(sealedMark) ? (JSON.parse(await openText(text, people, null)) as Item[]) : [...items];
}
