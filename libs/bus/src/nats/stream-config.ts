import { everything } from '@provident/contracts';
import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';

const restoring = 'provident-restoring';

export interface StreamOptions {
  readonly stream: string;
  readonly replicas: number;
  /** Sequence of the first event that will be stored. */
  readonly first?: number;
  /** Nobody may work on it yet. */
  readonly isBeingRestored?: boolean;
}

/** How the log is kept: on disk, without limit, and nothing of it can be taken away. */
export const streamConfig = ({ stream, replicas, first = 1, isBeingRestored = false }: StreamOptions) => ({
  name: stream,
  subjects: [everything],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  num_replicas: replicas,
  allow_atomic: true,
  allow_direct: true,
  deny_delete: true,
  deny_purge: true,
  description: 'Provident: everything that happened',
  ...(first > 1 ? { first_seq: first } : {}),
  ...(isBeingRestored ? { metadata: { [restoring]: 'yes' } } : {}),
});

export const isBeingRestored = ({ metadata }: Pick<StreamConfig, 'metadata'>): boolean => metadata?.[restoring] === 'yes';

/** The same without the mark. */
export const asRestored = ({ metadata = {}, ...config }: StreamConfig): StreamConfig => ({
  ...config,
  metadata: Object.fromEntries(Object.entries(metadata).filter(([name]) => name !== restoring)),
});
