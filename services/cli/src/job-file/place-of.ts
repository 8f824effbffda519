import type { Document, LineCounter, Node } from 'yaml';
import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';

/** Line and column, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * Where a path of the parsed value stands in the file. The last step of the path is shown at its key, which is where an unknown key is;
 * what is not in the file is shown at the nearest thing around it that is.
 */
export function placeOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): Place {
  let holder = resolveAlias(document, document.contents);
  let offset = startOf(holder);
  for (const step of path) {
    const found = stepInto(holder, step);
    if (!found) break;
    offset = found.offset ?? offset;
    holder = resolveAlias(document, found.value);
  }
  const { line, col } = lines.linePos(offset ?? 0);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function stepInto(holder: Node | null, step: string | number): { offset: number | null; value: unknown } | null {
  if (isMap(holder)) {
    const pair = holder.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(step));
    return pair ? { offset: startOf(pair.key) ?? startOf(pair.value), value: pair.value } : null;
  }
  if (!isSeq(holder) || typeof step !== 'number') return null;
  const item = holder.items[step];
  return item === undefined ? null : { offset: startOf(item), value: item };
}

const startOf = (node: unknown): number | null => (isNode(node) && node.range ? node.range[0] : null);

function resolveAlias(document: Document, node: unknown): Node | null {
  if (isAlias(node)) return node.resolve(document) ?? null;
  return isNode(node) ? node : null;
}
