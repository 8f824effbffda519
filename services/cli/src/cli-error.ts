/** A refusal in one sentence for the person at the terminal; the message says what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    message: string,
    /** Exit status of the process. */
    readonly status = 1,
    /** Kebab-case; what `--json` calls it. */
    readonly code = 'refused',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
