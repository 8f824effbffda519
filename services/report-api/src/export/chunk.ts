/**
 * Text that is written away as bytes, piece by piece. The pieces themselves are forgotten at once: as one string they would be kept, each with its parts,
 * until the whole is sent, and clearing them away took longer than making them.
 */
export class Chunk {
  private buffer = Buffer.allocUnsafeSlow(2 ** 18);
  private end = 0;

  constructor(begin = '') {
    this.add(begin);
  }

  add(text: string): void {
    const most = this.end + text.length * 3;
    if (most > this.buffer.length) this.grow(most);
    this.end += this.buffer.write(text, this.end, 'utf8');
  }

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.end);
  }

  private grow(atLeast: number): void {
    const larger = Buffer.allocUnsafeSlow(atLeast * 2);
    this.buffer.copy(larger, 0, 0, this.end);
    this.buffer = larger;
  }
}
