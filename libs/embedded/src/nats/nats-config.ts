export interface NatsSettings {
  /** Unlike that of any other start: tells whether the server answering is the one just started. */
  readonly serverName: string;
  readonly host: string;
  readonly port: number;
  readonly storeDir: string;
  readonly pidFile?: string;
}

/** The configuration of an embedded server: every acknowledged message is on disk before it is acknowledged. */
export function natsConfig({ serverName, host, port, storeDir, pidFile }: NatsSettings): string {
  return [
    '# Written anew at every start.',
    `server_name: ${quote(serverName)}`,
    `host: ${quote(host)}`,
    `port: ${port}`,
    ...(pidFile ? [`pid_file: ${quote(pidFile)}`] : []),
    'max_payload: 8MB',
    'jetstream {',
    `  store_dir: ${quote(storeDir)}`,
    '  sync_interval: always',
    '}',
    '',
  ].join('\n');
}

const quote = (text: string): string => JSON.stringify(text);
