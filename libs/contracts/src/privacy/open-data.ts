import { type SealedText, parseSealed } from '@provident/domain';

/** What opens a sealed value: the value; `erased` when it cannot be had any more; `left` when it is to stay sealed. */
export type Open = (sealed: SealedText) => { readonly value: unknown } | 'erased' | 'left';

/** What stands in the place of a value that was erased, where a value is expected. */
export const erasedValue = '(erased)';

/**
 * Data with every sealed value opened. Sealed pieces within longer texts stay sealed: nobody computes with them, and they are said again as they are.
 * @returns the same object when nothing in it is sealed
 */
export function openData<Data>(data: Data, open: Open): { readonly data: Data; readonly isErased: boolean } {
  let isErased = false;
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const sealed = parseSealed(value);
      if (!sealed) return value;
      const opened = open(sealed);
      if (opened === 'left') return value;
      if (opened !== 'erased') return opened.value;
      isErased = true;
      return erasedValue;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      const items = value.map(walk);
      return items.every((item, at) => item === value[at]) ? value : items;
    }
    let copy: Record<string, unknown> | null = null;
    for (const [name, each] of Object.entries(value)) {
      const opened = walk(each);
      if (opened === each) continue;
      copy ??= { ...value };
      copy[name] = opened;
    }
    return copy ?? value;
  };
  return { data: walk(data) as Data, isErased };
}
