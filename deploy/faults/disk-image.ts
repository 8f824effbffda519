import { execFile, execFileSync } from 'node:child_process';
import { constants, copyFile, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether this process may mount file systems; tried on a small one. */
export function canMount(folder: string): boolean {
  try {
    const image = join(folder, 'trial.img');
    execFileSync('truncate', ['-s', '4M', image], { stdio: 'ignore' });
    execFileSync('mkfs.ext4', ['-q', image], { stdio: 'ignore' });
    execFileSync('mkdir', ['-p', join(folder, 'trial')]);
    execFileSync('mount', ['-o', 'loop', image, join(folder, 'trial')], { stdio: 'ignore' });
    execFileSync('umount', [join(folder, 'trial')], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A small file system in a file. What a copy of the file holds is what a disk holds when the power goes: nothing that was only in memory. */
export class DiskImage {
  private constructor(
    private readonly image: string,
    readonly folder: string,
  ) {}

  static async create(folder: string, name: string, megabytes: number): Promise<DiskImage> {
    const image = join(folder, `${name}.img`);
    await run('truncate', ['-s', `${megabytes}M`, image]);
    await run('mkfs.ext4', ['-q', image]);
    return DiskImage.mount(image, join(folder, name));
  }

  private static async mount(image: string, folder: string): Promise<DiskImage> {
    await mkdir(folder, { recursive: true });
    await run('mount', ['-o', 'loop', image, folder]);
    return new DiskImage(image, folder);
  }

  /** The disk as it is at this moment, in another machine. */
  async copy(name: string): Promise<DiskImage> {
    const image = join(this.folder, '..', `${name}.img`);
    await copyFile(this.image, image, constants.COPYFILE_FICLONE);
    return DiskImage.mount(image, join(this.folder, '..', name));
  }

  async remove(): Promise<void> {
    await run('umount', [this.folder]);
    await rm(this.image, { force: true });
  }
}

/** Turns one bit of a file over. */
export async function flipBit(file: string, at: number): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, at);
    byte[0]! ^= 0x10;
    await handle.write(byte, 0, 1, at);
  } finally {
    await handle.close();
  }
}
