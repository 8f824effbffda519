import { constants } from 'node:fs';
import { access, type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Message } from '../formats/message.js';
import { type Destination, type Receipt, taken, undelivered } from './destination.js';

export interface FileSettings {
  readonly file: string;
  readonly rotateBytes: number;
  readonly keep?: number | undefined;
}

const tailBytes = 65_536;

/**
 * One line for each message. What was delivered is on disk before anybody is told so; a line that a crash cut off is taken away before the next one is
 * written, and comes again. A file that is full is put aside under its name and the time.
 */
export class RotatingFile implements Destination {
  readonly most = 500;
  private handle: FileHandle | null = null;
  private size = 0;

  constructor(
    private readonly folder: string,
    private readonly settings: FileSettings,
    private readonly now: () => Date,
  ) {}

  async deliver(messages: readonly Message[]): Promise<Receipt> {
    try {
      for (const line of messages.map(({ text }) => Buffer.from(`${text}\n`))) await this.write(line);
      await this.handle?.datasync();
      return taken;
    } catch (error) {
      await this.close();
      throw undelivered('the file cannot be written', error);
    }
  }

  /** Leaves nothing in the file. */
  async test(): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
      await access(this.folder, constants.W_OK);
      await (await open(this.path, 'a')).close();
    } catch (error) {
      throw undelivered('the file cannot be written', error);
    }
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = null;
    await handle?.close();
  }

  private get path(): string {
    return join(this.folder, this.settings.file);
  }

  private async write(line: Buffer): Promise<void> {
    let handle = this.handle ?? (await this.openFile());
    if (this.size > 0 && this.size + line.length > this.settings.rotateBytes) handle = await this.rotate(handle);
    await handle.appendFile(line);
    this.size += line.length;
  }

  private async openFile(): Promise<FileHandle> {
    await mkdir(this.folder, { recursive: true });
    const handle = await open(this.path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o640);
    this.handle = handle;
    this.size = await cutTornLine(handle);
    await syncFolder(this.path);
    return handle;
  }

  private async rotate(full: FileHandle): Promise<FileHandle> {
    await full.datasync();
    await this.close();
    await rename(this.path, await this.freeName());
    const handle = await this.openFile();
    await this.dropOldest();
    return handle;
  }

  private async freeName(): Promise<string> {
    const stamp = this.now().toISOString().replace(/[-:.]/g, '');
    for (let number = 0; ; number++) {
      const name = `${this.path}.${stamp}-${String(number).padStart(4, '0')}`;
      if (!(await exists(name))) return name;
    }
  }

  private async dropOldest(): Promise<void> {
    const { file, keep } = this.settings;
    if (keep === undefined) return;
    const aside = (await readdir(this.folder)).filter(
      (name) => name.startsWith(`${file}.`) && /^\d{8}T\d{9}Z-\d{4}$/.test(name.slice(file.length + 1)),
    );
    for (const name of aside.sort().slice(0, -keep)) await unlink(join(this.folder, name));
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** @returns the size that is left */
async function cutTornLine(handle: FileHandle): Promise<number> {
  let { size } = await handle.stat();
  const whole = size;
  while (size > 0) {
    const tail = Buffer.alloc(Math.min(size, tailBytes));
    await handle.read(tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf('\n');
    if (end >= 0) {
      size = size - tail.length + end + 1;
      break;
    }
    size -= tail.length;
  }
  if (size < whole) await handle.truncate(size);
  return size;
}

/** A name in a folder is on disk once the folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
