/** How a server's process ended. */
export interface ServerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A server process that this process has started. */
export interface StartedServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  /** Where its files are; may lie outside the data folder when the server's user cannot reach that. */
  readonly dataDir: string;
  readonly logFile: string;
  /** Settles when the server has ended, asked to or not. */
  readonly ended: Promise<ServerEnd>;
  /** Ends it cleanly and waits. Doing so twice is harmless. */
  stop(): Promise<void>;
}

/** Hears, as soon as a server process exists, the words of a command that stops it. */
export type OnLaunch = (stopCommand: readonly string[]) => void;

/** Prints one line for the operator. */
export type Say = (line: string) => void;
