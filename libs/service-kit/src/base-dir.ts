/** Where relative paths of a job start: where its sender said, or one fixed folder for all jobs (in a container, whose folders no sender knows). */
export class BaseDir {
  constructor(private readonly fixed: string | undefined) {}

  for(sent: string): string {
    return this.fixed ?? sent;
  }
}
