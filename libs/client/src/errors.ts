/** The API understood, and said no. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  constructor(
    readonly status: number,
    /** In the API's words, such as `not-found`; `http-502` of something that is not the API. */
    readonly code: string,
    message: string,
    readonly issues: readonly unknown[],
  ) {
    super(message);
  }
}

/** Nobody answered: what was asked for may or may not have been done. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable';
  constructor(
    readonly url: string,
    readonly isTimeout: boolean,
    options: ErrorOptions,
  ) {
    super(isTimeout ? `${url} does not answer in time` : `nothing answers at ${url}`, options);
  }
}

/** Something answered in another shape: it is not this API, or one of another version. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
  constructor(
    readonly url: string,
    /** The first place that differs, and how. */
    readonly where: string,
  ) {
    super(`${url} answers in another shape (${where})`);
  }
}
