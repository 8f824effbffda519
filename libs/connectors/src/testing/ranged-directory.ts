import { createServer, type Socket } from 'node:net';

import {
  AndFilter,
  Ber,
  BerReader,
  BerWriter,
  Control,
  EqualityFilter,
  type Filter,
  FilterParser,
  GreaterThanEqualsFilter,
  NotFilter,
  OrFilter,
  PagedResultsControl,
  PresenceFilter,
} from 'ldapts';

/** An attribute as an answer carries it. */
export interface AnsweredAttribute {
  readonly name: string;
  readonly values: readonly string[];
}

interface Search {
  readonly base: string;
  readonly scope: number;
  readonly filter: Filter;
  readonly asked: readonly string[];
}

type Entry = Map<string, readonly string[]>;

const tags = { bindRequest: 0x60, bindResponse: 0x61, unbind: 0x42, search: 0x63, entry: 0x64, done: 0x65, controls: 0xa0 };
const noSuchObject = 32;

/**
 * An LDAP server in this process that gives long lists in ranges, as Active Directory does: so many values at a time, and the rest to whoever asks for
 * `member;range=1500-*`. It binds everybody, and searches a map. It stamps every change with a second and a number, and shows no other time than that.
 */
export class RangedDirectory {
  /** Values that come at a time; more than the list has: no range. */
  valuesAtOnce = 1_500;
  /** May change an attribute on its way, or what it belongs to. */
  onAnswer: (dn: string, attribute: AnsweredAttribute) => AnsweredAttribute = (_, attribute) => attribute;
  /** Names of ranged attributes that were given. */
  readonly given: string[] = [];
  /** Most values of one attribute that one answer carried. */
  mostGiven = 0;
  /** Second of the clock that changes are stamped with. */
  second = '20260101000000';

  private readonly entries = new Map<string, { readonly dn: string; readonly attributes: Entry }>();
  private readonly sockets = new Set<Socket>();
  private changes = 0;
  private readonly server = createServer((socket) => this.serve(socket));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.server.listen(0, '127.0.0.1', resolve);
    });
    return `ldap://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }

  put(dn: string, attributes: Readonly<Record<string, readonly string[]>>): void {
    const lower = Object.entries(attributes).map(([name, values]) => [name.toLowerCase(), [...values]] as const);
    this.entries.set(dn.toLowerCase(), { dn, attributes: new Map(lower) });
    this.touch(dn);
  }

  /** Gives one attribute other values; the entry counts as changed. */
  change(dn: string, attribute: string, values: readonly string[]): void {
    this.entries.get(dn.toLowerCase())!.attributes.set(attribute.toLowerCase(), [...values]);
    this.touch(dn);
  }

  drop(dn: string): void {
    this.entries.delete(dn.toLowerCase());
  }

  valuesOf(dn: string, attribute: string): readonly string[] {
    return this.entries.get(dn.toLowerCase())?.attributes.get(attribute.toLowerCase()) ?? [];
  }

  private touch(dn: string): void {
    this.changes += 1;
    const { attributes } = this.entries.get(dn.toLowerCase())!;
    attributes.set('whenchanged', [`${this.second}.0Z`]);
    attributes.set('usnchanged', [String(this.changes)]);
  }

  private serve(socket: Socket): void {
    socket.setNoDelay(true);
    this.sockets.add(socket.on('error', () => {}).on('close', () => this.sockets.delete(socket)));
    let rest = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      for (;;) {
        const message = new BerReader(rest);
        if (rest.length < 2 || message.readSequence() === null || message.remain < message.length) return;
        const end = message.offset + message.length;
        this.answer(new BerReader(rest.subarray(0, end)), socket);
        rest = rest.subarray(end);
      }
    });
  }

  private answer(message: BerReader, socket: Socket): void {
    message.readSequence();
    const id = message.readInt()!;
    const tag = message.readSequence();
    if (tag === tags.bindRequest) socket.write(framed(id, result(tags.bindResponse, 0)));
    else if (tag === tags.unbind) socket.end();
    else if (tag === tags.search) this.search(id, message, socket);
    else socket.destroy(new Error(`this server does not know the operation ${tag}`));
  }

  private search(id: number, message: BerReader, socket: Socket): void {
    const search = parseSearch(message);
    const paging = pagingOf(message);
    const found = this.find(search);
    if (!found) {
      socket.write(framed(id, result(tags.done, noSuchObject)));
      return;
    }
    const from = Number(paging?.value?.cookie?.toString() || 0);
    const until = paging ? from + paging.value!.size : found.length;
    for (const [dn, entry] of found.slice(from, until)) {
      socket.write(
        framed(
          id,
          entryAnswer(
            dn,
            search.asked.flatMap((name) => this.attribute(dn, entry, name)),
          ),
        ),
      );
    }
    const cookie = until < found.length ? Buffer.from(String(until)) : Buffer.alloc(0);
    socket.write(framed(id, result(tags.done, 0), paging ? new PagedResultsControl({ value: { size: 0, cookie } }) : null));
  }

  private find({ base, scope, filter }: Search): [dn: string, attributes: Entry][] | null {
    const at = base.toLowerCase();
    if (at === '' && scope === 0) return [['', new Map([['supportedcapabilities', ['1.2.840.113556.1.4.800']]])]];
    if (scope === 0) {
      const entry = this.entries.get(at);
      return entry ? [[entry.dn, entry.attributes] as [string, Entry]].filter(([, attributes]) => fits(filter, attributes)) : null;
    }
    const within = [...this.entries.values()].filter(({ dn }) => dn.toLowerCase().endsWith(`,${at}`));
    return within.filter(({ attributes }) => fits(filter, attributes)).map(({ dn, attributes }) => [dn, attributes]);
  }

  /** Active Directory names a long list twice: without values, and with the range that came. */
  private attribute(dn: string, entry: Entry, asked: string): AnsweredAttribute[] {
    const [, name, start = '0'] = /^([^;]+)(?:;range=(\d+)-\*)?$/.exec(asked) as unknown as string[];
    const all = entry.get(name!.toLowerCase()) ?? [];
    if (asked === name && all.length <= this.valuesAtOnce) return all.length > 0 ? [this.give(dn, { name, values: all })] : [];
    const from = Number(start);
    if (from >= all.length) return [];
    const values = all.slice(from, from + this.valuesAtOnce);
    const isLast = from + values.length >= all.length;
    const ranged = { name: `${name};range=${from}-${isLast ? '*' : from + values.length - 1}`, values };
    this.given.push(ranged.name);
    return [...(asked === name ? [{ name: name!, values: [] }] : []), this.give(dn, ranged)];
  }

  private give(dn: string, attribute: AnsweredAttribute): AnsweredAttribute {
    this.mostGiven = Math.max(this.mostGiven, attribute.values.length);
    return this.onAnswer(dn, attribute);
  }
}

function fits(filter: Filter, entry: Entry): boolean {
  const valuesOf = (name: string) => entry.get(name.toLowerCase()) ?? [];
  if (filter instanceof AndFilter) return filter.filters.every((each) => fits(each, entry));
  if (filter instanceof OrFilter) return filter.filters.some((each) => fits(each, entry));
  if (filter instanceof NotFilter) return !fits(filter.filter, entry);
  if (filter instanceof PresenceFilter) return valuesOf(filter.attribute).length > 0;
  if (filter instanceof EqualityFilter) {
    const wanted = String(filter.value).toLowerCase();
    return valuesOf(filter.attribute).some((value) => value.toLowerCase() === wanted);
  }
  if (filter instanceof GreaterThanEqualsFilter) return valuesOf(filter.attribute).some((value) => value >= filter.value);
  throw new Error(`this server does not know the filter ${filter.constructor.name}`);
}

function parseSearch(reader: BerReader): Search {
  const base = reader.readString() ?? '';
  const scope = reader.readEnumeration() ?? 0;
  reader.readEnumeration(); // aliases
  reader.readInt(); // size limit
  reader.readInt(); // time limit
  reader.readBoolean(); // names only
  const filter = FilterParser.parse(reader);
  const asked: string[] = [];
  reader.readSequence();
  const end = reader.offset + reader.length;
  while (reader.offset < end) asked.push(reader.readString() ?? '');
  return { base, scope, filter, asked };
}

function pagingOf(reader: BerReader): PagedResultsControl | null {
  if (reader.remain === 0 || reader.peek() !== tags.controls) return null;
  reader.readSequence(tags.controls);
  reader.readSequence();
  const oid = reader.readString();
  if (oid !== PagedResultsControl.type) throw new Error(`this server does not know the control ${oid}`);
  if (reader.peek() === Ber.Boolean) reader.readBoolean();
  const control = new PagedResultsControl();
  control.parseControl(new BerReader(reader.readString(Ber.OctetString, true)!));
  return control;
}

type Writes = (writer: BerWriter) => void;

function framed(id: number, body: Writes, control: Control | null = null): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  body(writer);
  if (control) {
    writer.startSequence(tags.controls);
    control.write(writer);
    writer.endSequence();
  }
  writer.endSequence();
  return writer.buffer;
}

const result =
  (tag: number, code: number): Writes =>
  (writer) => {
    writer.startSequence(tag);
    writer.writeEnumeration(code);
    writer.writeString('');
    writer.writeString('');
    writer.endSequence();
  };

const entryAnswer =
  (dn: string, attributes: readonly AnsweredAttribute[]): Writes =>
  (writer) => {
    writer.startSequence(tags.entry);
    writer.writeString(dn);
    writer.startSequence();
    for (const { name, values } of attributes) {
      writer.startSequence();
      writer.writeString(name);
      writer.startSequence(0x31);
      for (const value of values) writer.writeString(value);
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
    writer.endSequence();
  };
