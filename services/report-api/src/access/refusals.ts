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
    /** The job that it is needed for; null where it is there for none. */
    readonly jobId: string | null,
    isForAll = false,
  ) {
    super(`this needs the permission "${permission}"${isForAll ? ' for all jobs' : jobId === null ? '' : ` for job ${jobId}`}`);
  }
}

/** Whether the credentials hold could not be found out. */
export class SignInAway extends Error {
  override readonly name = 'SignInAway';
}
