import { readFile } from 'node:fs/promises';

import { VaultUnusable } from '../vault-error.js';
import { HttpKms } from './http-kms.js';
import { makeKeyFile, newKey, readKeyFile, writeKeyFile } from './key-file.js';
import { LocalMasterKey, type MasterKey } from './master-key.js';

/** Where master keys come from. Given together, the key management service goes before the file, and the file before the text. */
export interface KeySettings {
  /** One or more keys, the newest first, with commas between them. */
  readonly text?: string | undefined;
  readonly file?: string | undefined;
  /** Whether the file is made when it is not there, and gets its new key by a rotation. */
  readonly isFileOurs?: boolean;
  readonly kms?: { readonly url: string; readonly key: string; readonly tokenFile?: string | undefined } | undefined;
}

const remedy =
  'set PROVIDENT_MASTER_KEY_FILE to a file with a key as "openssl rand -base64 32" prints it (or PROVIDENT_MASTER_KEY to the key itself) for every service';

/** The master keys that this process can use. The first is the one to seal under from the next rotation on; all of them open. */
export class KeyRing {
  private keys: readonly MasterKey[] = [];

  private constructor(private readonly settings: KeySettings) {}

  /**
   * @param isInUse whether something is sealed already: a file of our own that is missing was lost then, and a new key would be of no use
   * @throws VaultUnusable
   */
  static async open(settings: KeySettings, { isInUse = false } = {}): Promise<KeyRing> {
    const ring = new KeyRing(settings);
    if (settings.file !== undefined && settings.isFileOurs && !isInUse) await makeKeyFile(settings.file);
    await ring.reload();
    return ring;
  }

  get isEmpty(): boolean {
    return this.keys.length === 0;
  }

  get ids(): string[] {
    return this.keys.map(({ id }) => id);
  }

  /** @throws VaultUnusable when there is none */
  get newest(): MasterKey {
    const [newest] = this.keys;
    if (!newest) throw new VaultUnusable(`there is no master key: ${remedy}`);
    return newest;
  }

  /** Whether a rotation makes its new key itself. */
  get makesKeys(): boolean {
    return this.settings.file !== undefined && this.settings.isFileOurs === true && this.settings.kms === undefined;
  }

  /** The key of that id, looked for in the file once more when it is new to us. @throws VaultUnusable */
  async get(id: string): Promise<MasterKey> {
    const known = this.keys.find((key) => key.id === id);
    if (known) return known;
    await this.reload();
    const found = this.keys.find((key) => key.id === id);
    if (found) return found;
    throw new VaultUnusable(
      this.isEmpty
        ? `the vault is sealed under master key ${id}, and no master key is given: ${remedy}`
        : `the vault is sealed under master key ${id}, and the given one is ${this.ids.join(', ')}: put back the key that it was sealed under (${this.place})`,
    );
  }

  /** Reads the keys anew. @throws VaultUnusable */
  async reload(): Promise<void> {
    const { text, file, kms } = this.settings;
    const keys: MasterKey[] = [];
    if (kms)
      keys.push(new HttpKms({ url: kms.url, key: kms.key, token: kms.tokenFile === undefined ? null : await tokenIn(kms.tokenFile) }));
    if (file !== undefined) keys.push(...(await readKeyFile(file)).keys);
    if (text !== undefined) keys.push(...text.split(',').map((each) => LocalMasterKey.parse(each.trim(), 'PROVIDENT_MASTER_KEY')));
    this.keys = keys;
  }

  /** Puts a new key first in the file, unless one waits there already, from a rotation that was broken off. @param current the key that is sealed under now */
  async makeKey(current: string): Promise<void> {
    const file = this.settings.file!;
    const { lines, keys } = await readKeyFile(file);
    if (keys[0]!.id === current) await writeKeyFile(file, [newKey(), ...lines]);
    await this.reload();
  }

  /** Takes all keys out of the file but one: nothing is sealed under the others any more. */
  async keepOnly(id: string): Promise<void> {
    const file = this.settings.file!;
    const { lines, keys } = await readKeyFile(file);
    const kept = lines.filter((_, at) => keys[at]!.id === id);
    if (kept.length > 0 && kept.length < lines.length) await writeKeyFile(file, kept);
    await this.reload();
  }

  private get place(): string {
    const { file, kms } = this.settings;
    if (kms) return 'PROVIDENT_KMS_KEY';
    return file === undefined ? 'PROVIDENT_MASTER_KEY' : `in ${file}, behind the one that is there`;
  }
}

async function tokenIn(file: string): Promise<string> {
  const token = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new VaultUnusable(
      `the token file ${file} of the key management service cannot be read (${cause.code}): correct PROVIDENT_KMS_TOKEN_FILE`,
      {
        cause,
      },
    );
  });
  return token.trim();
}
