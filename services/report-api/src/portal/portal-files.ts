import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const zipped = promisify(gzip);

export interface PortalFile {
  /** MIME type, with its character set. */
  readonly type: string;
  readonly body: Buffer;
  /** The body, zipped; null where that saves nothing. */
  readonly gzip: Buffer | null;
  /** Its name changes with its content: a browser may keep it for good. */
  readonly immutable: boolean;
  readonly etag: string;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Stands in `index.html` where each answer gets a nonce of its own. */
export const noncePlaceholder = 'PROVIDENT_CSP_NONCE';

/**
 * The built portal, read once and kept (less than 3 MB). Only what was there at the start is ever answered, so no request can name another file.
 * Null when it was not built.
 */
export class PortalFiles {
  private constructor(private readonly files: ReadonlyMap<string, PortalFile>) {}

  static async load(folder: string): Promise<PortalFiles | null> {
    const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const files = new Map<string, PortalFile>();
    for (const entry of names) {
      const type = types[extname(entry.name)];
      if (!entry.isFile() || type === undefined) continue;
      const path = join(entry.parentPath, entry.name);
      const name = relative(folder, path).split(sep).join('/');
      files.set(name, await portalFile(name, type, await readFile(path)));
    }
    return files.has('index.html') ? new PortalFiles(files) : null;
  }

  find(name: string): PortalFile | undefined {
    return this.files.get(name);
  }

  /** The one page, with a nonce for what it puts into its head. */
  index(nonce: string): string {
    return this.files.get('index.html')!.body.toString('utf8').replaceAll(noncePlaceholder, nonce);
  }
}

async function portalFile(name: string, type: string, body: Buffer): Promise<PortalFile> {
  const smaller = /^(text|image\/svg|application\/json)/.test(type) ? await zipped(body, { level: 9 }) : null;
  return {
    type,
    body,
    gzip: smaller !== null && smaller.length < body.length ? smaller : null,
    immutable: name.startsWith('assets/'),
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
  };
}
