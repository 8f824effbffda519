import { EmbeddedError } from './embedded-error.js';
import { freePort, isPortFree } from './ports.js';

export interface PortWish {
  /** What will listen there, for the message. */
  readonly server: string;
  /** Set by the operator: this one or none. */
  readonly fixed: number | undefined;
  /** The one used the last time. */
  readonly stored: number | undefined;
  readonly remedy: string;
}

/**
 * The port to listen on: the operator's, else the one of the last start, else a free one.
 * @throws EmbeddedError when somebody else listens on the operator's port
 */
export async function choosePort({ server, fixed, stored, remedy }: PortWish, say: (line: string) => void): Promise<number> {
  if (fixed !== undefined) {
    if (await isPortFree(fixed)) return fixed;
    throw new EmbeddedError(`Port ${fixed} for ${server} is taken by another program: stop that program, or ${remedy}.`);
  }
  if (stored !== undefined && (await isPortFree(stored))) return stored;
  const port = await freePort();
  if (stored !== undefined) say(`${server}: port ${stored} of the last start is taken now, using ${port} from here on.`);
  return port;
}
