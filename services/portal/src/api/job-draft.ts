/** A job as it is sent: parsed, not yet checked. Without a folder, relative paths start where the server says. */
export interface JobDraft {
  readonly definition: unknown;
  readonly baseDir?: string;
}
