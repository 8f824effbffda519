import type { Connection as Wire, Submittable } from 'pg';

import type { BinaryRows, RowsMessage } from './binary-rows.js';
import type { Connection } from './connection.js';
import { storableText } from './clean-json.js';

export interface Statement {
  /** A statement with a name is prepared once per connection. */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly (string | number | boolean | null)[];
}

interface Part {
  readonly name: string;
  readonly text: string;
  readonly values: readonly (string | null)[];
  /** What follows a COPY. */
  readonly rows: RowsMessage | null;
}

/** Statements that the server knows by name, of each connection. */
const prepared = new WeakMap<Wire, Set<string>>();

const copyDone = Buffer.from([0x63, 0, 0, 0, 4]);

/**
 * Statements that are sent in one go, run in their order as one transaction, and answered in one go: the server never waits for the client between
 * them, and the client does something else meanwhile. What they return is not looked at. (In terms of the protocol: one pipeline with one Sync.)
 */
export class Flight implements Submittable {
  private readonly parts: Part[] = [];
  private wire: Wire | null = null;
  private resolve!: () => void;
  private reject!: (error: Error) => void;
  private readonly landing = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  query({ name = '', text, values = [] }: Statement): void {
    this.parts.push({ name, text, values: values.map(asText), rows: null });
  }

  /** @param into a table and its columns, in the order of the rows' fields */
  copy(into: string, rows: BinaryRows): void {
    this.parts.push({ name: `copy ${into.slice(0, 50)}`, text: `copy ${into} from stdin (format binary)`, values: [], rows: rows.take() });
  }

  /**
   * Resolves when everything is committed.
   * @throws the server's first complaint; nothing has happened then
   */
  send(connection: Connection): Promise<void> {
    connection.query(this);
    this.landing.catch(() => undefined); // it is thrown when it is waited for
    return this.landing;
  }

  /** Called by the client when it is this flight's turn. */
  submit(wire: Wire): void {
    this.wire = wire;
    const known = prepared.get(wire) ?? new Set();
    prepared.set(wire, known);
    const { stream } = wire;
    stream.cork();
    for (const { name, text, values, rows } of this.parts) {
      if (name === '' || !known.has(name)) {
        if (name !== '') wire.close({ type: 'S', name }, true); // it may be there from a flight that failed
        wire.parse({ name, text, types: [] }, true);
      }
      wire.bind({ statement: name, values: values as string[] }, true);
      wire.execute(null, true);
      if (rows === null) continue;
      stream.write(rows.bytes);
      stream.write(copyDone);
    }
    wire.sync();
    stream.uncork();
  }

  handleError(error: Error): void {
    this.reject(error);
  }

  handleReadyForQuery(): void {
    const known = prepared.get(this.wire!)!;
    for (const { name, rows } of this.parts) {
      if (name !== '') known.add(name);
      rows?.release();
    }
    this.resolve();
  }

  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(): void {}
}

const asText = (value: string | number | boolean | null): string | null =>
  value === null ? null : typeof value === 'string' ? storableText(value) : String(value);
