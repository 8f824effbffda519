/** The code of an operating system's or a database's error, `ENOENT` or `28P01` for instance. */
export const errorCode = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
