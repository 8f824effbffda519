import type { Permission } from '@provident/domain';

/** Nobody knows who asks: no credentials, or none that hold. The message says what is wrong, and never what would be right. */
export class NotSignedIn extends Error {
  override readonly name = 'NotSignedIn';
  constructor(
    message: string,
    /** There were credentials. */
    readonly hadCredentials: boolean,
  ) {
    super(message);
  }
}

/** Who asks is known, and may not do this. */
export class NotAllowed extends Error {
  override readonly name = 'NotAllowed';
  constructor(
    readonly permission: Permission,
    readonly jobId: string | null,
  ) {
    super(
      jobId === null
        ? `this needs the permission "${permission}" for all jobs`
        : `this needs the permission "${permission}" for job ${jobId}`,
    );
  }
}

/** Whether the credentials hold could not be found out. */
export class SignInAway extends Error {
  override readonly name = 'SignInAway';
}
