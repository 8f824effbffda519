import { type AttributeBag, type AttributeChange, type MemberChanges, textOf } from '@provident/domain';

import type { MatchQuery, SystemDescription, TargetAbilities, TargetConnector, TargetObject, TargetPage } from '../connector.js';
import { ConnectorError, type ConnectorErrorKind } from '../connector-error.js';

export type TargetOperation =
  | 'find'
  | 'read'
  | 'list'
  | 'count'
  | 'create'
  | 'update'
  | 'changeMembers'
  | 'members'
  | 'setActive'
  | 'remove';

/** What happens instead of an operation. May carry it out, before or after failing. */
export type TargetFault = (operation: TargetOperation, carryOut: () => unknown, about: string) => unknown;

/** A failure of that kind, as a connector reports it. */
export const targetFailure = (kind: ConnectorErrorKind, message = `the target says ${kind}`, status?: number): ConnectorError =>
  new ConnectorError({ kind, code: `test-${kind}`, message, ...(status !== undefined && { status }) });

/** A target in memory, for specs of what uses targets. Keeps `unique` attributes unique; its behaviour can be replaced call by call. */
export class MemoryTarget implements TargetConnector {
  readonly accounts = new Map<string, { attributes: Record<string, AttributeBag[string]>; active: boolean; members: Set<string> }>();
  /** Operations and what they were about, in the order in which they arrived. */
  readonly calls: string[] = [];
  /** Faults that wait for their operation, used once each, in order. */
  readonly faults: { readonly on: TargetOperation; readonly fault: TargetFault }[] = [];
  closed = 0;

  constructor(
    private readonly options: Partial<TargetAbilities> & { readonly unique?: readonly string[] } = {},
    private count_ = 0,
  ) {}

  /** The next operation of that kind fails so, with or without having been carried out. */
  failNext(
    on: TargetOperation,
    kind: ConnectorErrorKind,
    { carriedOut = false, message, status }: { carriedOut?: boolean; message?: string; status?: number } = {},
  ): void {
    this.faults.push({
      on,
      fault: (_, carryOut) => {
        if (carriedOut) carryOut();
        throw targetFailure(kind, message, status);
      },
    });
  }

  put(id: string, attributes: AttributeBag, active = true): void {
    this.accounts.set(id, { attributes: { ...attributes }, active, members: new Set() });
  }

  async describe(): Promise<SystemDescription> {
    return { name: 'memory', objectTypes: [] };
  }

  async abilities(): Promise<TargetAbilities> {
    const groups = { membersPerChange: 500, nestedGroups: true };
    return { list: true, listPageSize: 100, disable: true, delete: true, concurrency: 8, ...groups, ...this.options };
  }

  count(): Promise<number | null> {
    return this.play('count', '', () => this.accounts.size);
  }

  list(_type: string, attributes: readonly string[], from: string | null): Promise<TargetPage> {
    const size = this.options.listPageSize ?? 100;
    return this.play('list', from ?? '', () => {
      const at = Number(from ?? 0);
      const objects = [...this.accounts.keys()].slice(at, at + size).map((id) => this.object(id, attributes)!);
      return { objects, next: at + size < this.accounts.size ? String(at + size) : null };
    });
  }

  find({ attribute, value }: MatchQuery, attributes: readonly string[]): Promise<readonly TargetObject[]> {
    return this.play('find', textOf(value), () =>
      [...this.accounts].filter(([, account]) => account.attributes[attribute] === value).map(([id]) => this.object(id, attributes)!),
    );
  }

  read(_type: string, id: string, attributes: readonly string[]): Promise<TargetObject | null> {
    return this.play('read', id, () => this.object(id, attributes));
  }

  create(_type: string, attributes: AttributeBag): Promise<{ readonly id: string }> {
    const unique = this.options.unique ?? ['userName'];
    return this.play('create', textOf(attributes['userName']), () => {
      const taken = unique.find((name) => [...this.accounts.values()].some((account) => account.attributes[name] === attributes[name]));
      if (taken) throw new ConnectorError({ kind: 'conflict', code: 'test-conflict', message: `${taken} is taken`, attribute: taken });
      const id = `t-${++this.count_}`;
      this.put(id, attributes);
      return { id };
    });
  }

  update(_type: string, id: string, changes: readonly AttributeChange[]): Promise<void> {
    return this.play('update', id, () => {
      const account = this.present(id);
      for (const { attribute, new: value } of changes) account.attributes[attribute] = value;
    });
  }

  changeMembers(_type: string, id: string, { add, remove }: MemberChanges): Promise<void> {
    return this.play('changeMembers', `${id} +${add.length} -${remove.length}`, () => {
      const { members } = this.present(id);
      for (const member of remove) members.delete(member.id);
      for (const member of add) members.add(member.id);
    });
  }

  members(_type: string, id: string): Promise<readonly string[] | null> {
    return this.play('members', id, () => {
      const account = this.accounts.get(id);
      return account ? [...account.members] : null;
    });
  }

  setActive(_type: string, id: string, active: boolean): Promise<void> {
    return this.play('setActive', `${id} ${active}`, () => {
      this.present(id).active = active;
    });
  }

  remove(_type: string, id: string): Promise<void> {
    return this.play('remove', id, () => {
      this.accounts.delete(id);
    });
  }

  async close(): Promise<void> {
    this.closed++;
  }

  private async play<Result>(operation: TargetOperation, about: string, carryOut: () => Result): Promise<Result> {
    this.calls.push(about === '' ? operation : `${operation} ${about}`);
    await new Promise((resolve) => setImmediate(resolve));
    const at = this.faults.findIndex(({ on }) => on === operation);
    return at < 0 ? carryOut() : ((await this.faults.splice(at, 1)[0]!.fault(operation, carryOut, about)) as Result);
  }

  private present(id: string) {
    const account = this.accounts.get(id);
    if (!account) throw targetFailure('gone', `there is no account ${id}`);
    return account;
  }

  private object(id: string, attributes: readonly string[]): TargetObject | null {
    const account = this.accounts.get(id);
    if (!account) return null;
    const asked = Object.entries(account.attributes).filter(([name]) => attributes.includes(name));
    return { id, attributes: Object.fromEntries(asked), state: account.active ? 'active' : 'disabled' };
  }
}
