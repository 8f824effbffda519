import type { StreamItem } from '@provident/report';

export type Severity = 'info' | 'warn' | 'error';

/** One thing to tell, as it is sent. */
export interface Message {
  /** Place in the log; several messages may share it. */
  readonly sequence: number;
  /** The same whenever the same is sent again: whoever takes it ignores what was seen before. */
  readonly id: string;
  /** When it happened: UTC, ISO 8601. */
  readonly at: string;
  readonly type: string;
  readonly severity: Severity;
  readonly mediaType: string;
  /** As it is sent: JSON on one line, or a token. */
  readonly text: string;
  /** The change of an object that it is about. */
  readonly changeId: string | null;
}

/** How events are written down. */
export interface Format {
  /** What of the items can be said in this format, in their order. @throws Undelivered when it cannot be written at the moment */
  write(items: readonly StreamItem[]): Promise<Message[]>;
  /** A message of no consequence. */
  test(id: string): Promise<Message>;
}

/** An entry of the provisioning log comes again with each further step: its id says which step it is at. */
export const idOf = (item: StreamItem): string => (item.kind === 'audit' ? item.audit.id : `${item.entry.id}.${item.sequence}`);

export const changeIdOf = (item: StreamItem): string | null => (item.kind === 'audit' ? item.facts.changeId : item.entry.changeId);

export const severityOf = ({ status }: StreamItem): Severity => (status === 'failure' ? 'error' : status === 'warning' ? 'warn' : 'info');

/** What a format needs to know of the installation. */
export interface Surroundings {
  readonly tenantId: string;
  readonly now: () => Date;
}
