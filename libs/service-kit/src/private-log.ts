import { type EventLog, type NewEvent, Appender } from '@provident/bus';
import { type LogEvent, PersonErased, erasureSubjects, namesIn, openData, sealEventData } from '@provident/contracts';
import {
  type JobDefinition,
  type SealClass,
  type SealedText,
  type Sealing,
  partsOf,
  printSealed,
  sealedKeyIds,
  sealedMark,
  sealingOf,
} from '@provident/domain';
import { BrokenSeal, PersonKey, type PersonKeys, type PersonRef, personOf } from '@provident/vault';

import type { ServicePorts } from './service.js';

/** Rules of jobs, by where they stand in the log. */
export interface SealingRules {
  find(jobId: string): { readonly rules: number; readonly configured: { readonly definition: JobDefinition } } | undefined;
  rulesAt(sequence: number): Promise<{ readonly definition: JobDefinition }>;
}

export type Keys = Pick<PersonKeys, 'forSealing' | 'forOpening' | 'inMemory' | 'note'>;

interface ObjectData {
  readonly objectKey?: string;
  readonly rules?: number;
}

/** The words that a sealed value is bound to, besides its key: one that may be read is not taken for one that may not. */
export const sealContext = (sealClass: SealClass): string => sealClass;

/**
 * The log as a service sees it that works with values: they are sealed on their way in and opened on their way out, as each job wants it. A job that
 * seals nothing costs a look-up for each event that is appended, and a search for a mark in each that is read.
 */
export function privateLog(log: EventLog, rules: SealingRules, keys: Keys, opens: readonly SealClass[] = ['p', 's']): EventLog {
  const sealer = new EventSealer(rules, keys);
  const opener = new EventOpener(keys, new Set(opens));
  const one = async (event: LogEvent | null): Promise<LogEvent | null> => (event ? (await opener.open([event]))[0]! : null);
  return {
    identity: log.identity,
    append: async (events, expected) => log.append(await sealer.seal(events), expected),
    findLast: async (subject) => one(await log.findLast(subject)),
    find: async (sequence) => one(await log.find(sequence)),
    head: () => log.head(),
    extent: () => log.extent(),
    async *read(options) {
      for await (const events of log.read(options)) yield await opener.open(events);
    },
    readHeads: (options) => log.readHeads(options),
  };
}

/** What a service stands on that works with values. */
export interface PrivatePorts extends ServicePorts {
  /** The same log for whoever shows it: sensitive values stay sealed. */
  readonly shownLog: EventLog;
}

/** What a service stands on, with its log private. Keys that somebody destroys are dropped at once. */
export function withPrivacy(ports: ServicePorts, keys: PersonKeys): PrivatePorts {
  const log = privateLog(ports.log, ports.registry, keys);
  const forgetting = ports.connection.subscribe(erasureSubjects, {
    callback: (error, message) => {
      // Whoever misses one forgets it by itself after a while.
      const said = error ? null : PersonErased.schema.safeParse(message.json());
      if (said?.success) keys.forget(said.data.keyIds);
    },
  });
  ports.signal.addEventListener('abort', () => forgetting.unsubscribe(), { once: true });
  return { ...ports, log, appender: new Appender(log), shownLog: privateLog(ports.log, ports.registry, keys, ['p']) };
}

class EventSealer {
  private readonly known = new Map<string, { readonly rules: number; readonly sealing: Sealing | null }>();

  constructor(
    private readonly rules: SealingRules,
    private readonly keys: Keys,
  ) {}

  async seal(events: readonly NewEvent[]): Promise<readonly NewEvent[]> {
    const people: (PersonRef & { readonly sealing: Sealing })[] = [];
    const sealings: (Sealing | null)[] = [];
    for (const event of events) {
      const found = this.sealingOf(event);
      const sealing = found instanceof Promise ? await found : found;
      sealings.push(sealing);
      if (sealing) people.push({ jobId: event.jobId, objectKey: (event.data as ObjectData).objectKey!, sealing });
    }
    if (people.length === 0) return events;
    const keys = await this.keys.forSealing(people);
    await this.keys.note(
      events.flatMap((event, at) => {
        const { objectKey } = event.data as ObjectData;
        // Sensitive values are not looked for.
        return sealings[at]?.all ? namesIn(event.data).map((name) => ({ jobId: event.jobId, objectKey: objectKey!, name })) : [];
      }),
    );
    return events.map((event, at) => {
      const sealing = sealings[at];
      if (!sealing) return event;
      const key = keys.get(personOf({ jobId: event.jobId, objectKey: (event.data as ObjectData).objectKey! }))!;
      return { ...event, data: sealEventData(event.data, sealing, sealWith(key)) };
    });
  }

  /** By the newer of the rules that the event was made by and those that apply: nothing slips through while a change of them goes round. */
  private sealingOf({ jobId, data }: NewEvent): Sealing | null | Promise<Sealing | null> {
    const { objectKey, rules = 0 } = data as ObjectData;
    if (objectKey === undefined) return null;
    const { objectType } = partsOf(objectKey as Parameters<typeof partsOf>[0]);
    const name = `${jobId}\n${objectType}`;
    const known = this.known.get(name);
    const job = this.rules.find(jobId);
    const newest = Math.max(job?.rules ?? 0, rules);
    if (known && known.rules >= newest) return known.sealing;
    const remember = ({ definition }: { definition: JobDefinition }): Sealing | null => {
      const sealing = sealingOf(definition, objectType);
      this.known.set(name, { rules: newest, sealing });
      return sealing;
    };
    return job && job.rules === newest ? remember(job.configured) : newest === 0 ? null : this.rules.rulesAt(newest).then(remember);
  }
}

export const sealWith =
  (key: PersonKey) =>
  (value: unknown, sealClass: SealClass): string =>
    printSealed({ sealClass, keyId: key.id, payload: key.seal(JSON.stringify(value), sealContext(sealClass)) });

class EventOpener {
  constructor(
    private readonly keys: Keys,
    private readonly opens: ReadonlySet<SealClass>,
  ) {}

  async open(events: readonly LogEvent[]): Promise<readonly LogEvent[]> {
    if (!events.some(hasSealed)) return events;
    const ids = new Set<string>();
    for (const event of events) if (hasSealed(event)) for (const id of sealedKeyIds(textOf(event))) ids.add(id);
    const keys = await this.keys.forOpening(ids);
    return events.map((event) => (hasSealed(event) ? this.opened(event, keys) : event));
  }

  private opened(event: LogEvent, keys: ReadonlyMap<string, PersonKey | string>): LogEvent {
    const { data, isErased } = openData(event.data, (sealed) =>
      this.opens.has(sealed.sealClass) ? (openedValue(sealed, keys) ?? 'erased') : 'left',
    );
    const { raw: _raw, ...rest } = event; // it is sealed still
    return { ...rest, data, ...(isErased && { isErased }) };
  }
}

const mark = Buffer.from(sealedMark);
const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);
const hasSealed = ({ raw, data }: LogEvent): boolean =>
  raw === undefined ? JSON.stringify(data).includes(sealedMark) : bytesOf(raw).includes(mark);
const textOf = ({ raw, data }: LogEvent): string => (raw === undefined ? JSON.stringify(data) : bytesOf(raw).toString('latin1'));

/** null when it cannot be opened, for whatever reason. */
export function openedValue(
  { keyId, sealClass, payload }: SealedText,
  keys: ReadonlyMap<string, PersonKey | string>,
): { readonly value: unknown } | null {
  const key = keys.get(keyId);
  if (!(key instanceof PersonKey)) return null;
  try {
    return { value: JSON.parse(key.open(payload, sealContext(sealClass))) };
  } catch (error) {
    // Somebody's own text that looks like one of ours, or the sealed value of somebody else.
    if (error instanceof BrokenSeal) return null;
    throw error;
  }
}
