/** A page of a collection. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Of all items that the filter holds for; null when it was not asked for. */
  readonly count: number | null;
  /** Members that are to be shown; null for all. */
  readonly select: readonly string[] | null;
  /** Token of the next page; null on the last. */
  readonly next: string | null;
}

/** The members that are to be shown. */
export const selected = <Item extends object>(item: Item, select: readonly string[] | null): Partial<Item> =>
  select === null ? item : (Object.fromEntries(select.map((name) => [name, item[name as keyof Item]])) as Partial<Item>);
