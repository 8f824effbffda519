import { storableText } from './clean-json.js';

/** COPY's binary format begins with this: a signature, no flags, no extension. */
const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
/** Where the rows begin: behind the head of the message that carries them, and the signature. */
const messageHead = 5;
const copyData = 0x64;
/** Milliseconds from 1970 to 2000, which is where the server counts from. */
const epochMs = 946_684_800_000;
const shortText = 40;

/** Buffers that wait for their next use, of one table: as many as are on their way at a time. */
const mostSpare = 3;
/** A buffer that is so many times larger than what is usual is let go: one large batch must not keep its memory for ever. */
const mostRoom = 4;

/** Rows on their way to the server. */
export interface RowsMessage {
  readonly bytes: Buffer;
  /** Gives the bytes' place back: to be called when the server has taken them, and the message is not looked at again. */
  release(): void;
}

/**
 * Rows in COPY's binary format, field by field in the order of the table's columns. The server reads them without taking text apart, and what
 * came as bytes goes on as bytes.
 */
export class BinaryRows {
  private buffer: Buffer;
  private at = 0;
  private usual: number;
  private readonly spare: Buffer[] = [];

  /** @param fields columns of a row */
  constructor(
    private readonly fields: number,
    firstBytes = 2 ** 14,
  ) {
    this.usual = firstBytes;
    this.buffer = Buffer.alloc(0);
  }

  get isEmpty(): boolean {
    return this.at === 0;
  }

  /** Begins a row: as many fields have to follow. */
  row(): void {
    if (this.at === 0) this.begin();
    this.reserve(2);
    this.at = this.buffer.writeInt16BE(this.fields, this.at);
  }

  text(value: string | null | undefined): void {
    if (value === null || value === undefined) return this.none();
    this.reserve(4 + value.length * 3);
    const { buffer } = this;
    const from = this.at + 4;
    let to = from;
    if (value.length <= shortText) {
      for (let i = 0; i < value.length; i++) {
        const unit = value.charCodeAt(i);
        if (unit === 0 || unit > 0x7f) {
          to = -1;
          break;
        }
        buffer[to++] = unit;
      }
    } else to = -1;
    if (to < 0) to = from + buffer.write(storableText(value), from, 'utf8');
    buffer.writeInt32BE(to - from, this.at);
    this.at = to;
  }

  /** Text that is UTF-8 already, and without NUL. */
  bytes(value: Uint8Array): void {
    this.reserve(4 + value.length);
    this.at = this.buffer.writeInt32BE(value.length, this.at);
    this.buffer.set(value, this.at);
    this.at += value.length;
  }

  int2(value: number): void {
    this.reserve(6);
    this.at = this.buffer.writeInt32BE(2, this.at);
    this.at = this.buffer.writeInt16BE(value, this.at);
  }

  int4(value: number): void {
    this.reserve(8);
    this.at = this.buffer.writeInt32BE(4, this.at);
    this.at = this.buffer.writeInt32BE(value, this.at);
  }

  /** A bigint column, of a whole number that is exact in JavaScript. */
  int8(value: number): void {
    this.reserve(12);
    this.at = this.buffer.writeInt32BE(8, this.at);
    const high = Math.floor(value / 2 ** 32);
    this.at = this.buffer.writeInt32BE(high, this.at);
    this.at = this.buffer.writeUInt32BE(value - high * 2 ** 32, this.at);
  }

  /** @param ms milliseconds since 1970 */
  instant(ms: number | null): void {
    if (ms === null) this.none();
    else this.int8((ms - epochMs) * 1000);
  }

  /** Ends the rows and gives them away as a message for the server, after which there are none. */
  take(): RowsMessage {
    if (this.at === 0) this.begin();
    this.reserve(2);
    this.at = this.buffer.writeInt16BE(-1, this.at);
    const { buffer } = this;
    const bytes = buffer.subarray(0, this.at);
    bytes[0] = copyData;
    bytes.writeInt32BE(this.at - 1, 1);
    this.usual = Math.max(this.at, this.usual * 0.9);
    this.clear();
    const release = (): void => {
      if (this.spare.length < mostSpare && buffer.length <= this.usual * mostRoom) this.spare.push(buffer);
    };
    return { bytes, release };
  }

  clear(): void {
    this.at = 0;
    this.buffer = Buffer.alloc(0);
  }

  private none(): void {
    this.reserve(4);
    this.at = this.buffer.writeInt32BE(-1, this.at);
  }

  private begin(): void {
    this.buffer = this.spare.pop() ?? Buffer.allocUnsafeSlow(Math.ceil(this.usual * 1.2));
    signature.copy(this.buffer, messageHead);
    this.at = messageHead + signature.length;
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow((this.at + bytes) * 2);
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
  }
}
