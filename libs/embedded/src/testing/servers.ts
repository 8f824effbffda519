/** Postgres and NATS for one test run. */
export interface TestServers {
  readonly kind: 'containers' | 'embedded';
  readonly natsUrl: string;
  /** With the rights to create databases. */
  readonly postgresUrl: string;
  stop(): Promise<void>;
}
