import {
  ConnectorError,
  type SourceConnector,
  type SourceFailure,
  type SourceObject,
  type SourcePage,
  type SourceRead,
  type SourceReading,
  type SystemDescription,
} from '@provident/connectors';
import type { AttributeBag } from '@provident/domain';

/** A source in memory: people by anchor, read in pages of a few. */
export class MemorySource implements SourceConnector {
  people = new Map<string, AttributeBag>();
  /** Records that cannot be used; they come with the first page. */
  failures: SourceFailure[] = [];
  kind: SourceReading['kind'] = 'snapshot';
  /** Anchors that a delta reports as removed. */
  removed: string[] = [];
  pageSize = 2;
  /** Called before each page with its number from 0; may throw. */
  beforePage: (page: number) => void | Promise<void> = () => undefined;
  readonly reads: SourceRead[] = [];
  closed = false;

  put(...anchors: readonly string[]): void {
    for (const anchor of anchors) this.people.set(anchor, personOf(anchor));
  }

  async describe(): Promise<SystemDescription> {
    return { name: 'memory', objectTypes: [] };
  }

  async read(request: SourceRead): Promise<SourceReading> {
    this.reads.push(request);
    const objects = [...this.people].map(([anchor, attributes]) => ({ anchor, attributes }));
    return {
      kind: this.kind,
      total: objects.length,
      pages: this.kind === 'none' ? none() : this.pages(objects, Number(request.resumeAt?.['at'] ?? 0)),
    };
  }

  async find(_type: string, anchor: string): Promise<SourceObject | null> {
    const attributes = this.people.get(anchor);
    return attributes ? { anchor, attributes } : null;
  }

  async close(): Promise<void> {}

  /** As a connector that is opened: closing it ends what is read through it. */
  open(): SourceConnector {
    const opened = Object.assign(Object.create(this) as MemorySource, { closed: false });
    opened.close = async () => {
      opened.closed = true;
    };
    return opened;
  }

  private async *pages(objects: readonly SourceObject[], from: number): AsyncGenerator<SourcePage> {
    for (let at = from; ; at += this.pageSize) {
      await this.beforePage(at / this.pageSize);
      if (this.closed) throw sourceFailure('the connection was closed');
      const isLast = at + this.pageSize >= objects.length;
      const isFirst = at === 0;
      yield {
        objects: objects.slice(at, at + this.pageSize),
        removed: isFirst ? this.removed : [],
        failures: isFirst ? this.failures : [],
        cursor: { at: Math.min(at + this.pageSize, objects.length) },
        watermark: isLast ? { read: this.reads.length } : null,
      };
      if (isLast) return;
    }
  }
}

async function* none(): AsyncGenerator<SourcePage> {}

export const personOf = (anchor: string, more: AttributeBag = {}): AttributeBag => ({
  id: anchor,
  email: `p${anchor}`,
  firstName: 'Jane',
  lastName: `Doe ${anchor}`,
  ...more,
});

export const sourceFailure = (message = 'the source does not answer'): ConnectorError =>
  new ConnectorError({ kind: 'unavailable', code: 'test', message });
