import Table from 'cli-table3';

import { displayWidth, padTo } from './text.js';

const bare = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'])
    .map((place) => [place, '']),
);

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/**
 * Rows under their titles; where the terminal is too narrow for that, one block of `title: value` lines per row.
 * @param width columns of the terminal; Infinity when nobody is looking at one
 */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const table = new Table({
    chars: { ...bare, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    head: columns.map((column) => column.title),
    colAligns: columns.map((column) => column.align ?? 'left'),
  });
  table.push(...rows.map((row) => [...row]));
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  if (lines.every((line) => displayWidth(line) <= width)) return lines.join('\n');
  return rows.map((row) => renderFields(columns.map((column, at) => [column.title, row[at] ?? '']))).join('\n\n');
}

/** Names longer than this do not push the values of all others aside. */
const widestName = 36;

/** `name   value` lines with the values one under the other. */
export function renderFields(fields: readonly (readonly [name: string, value: string])[], indent = ''): string {
  const widest = Math.max(0, ...fields.map(([name]) => displayWidth(name)).filter((width) => width <= widestName));
  return fields.map(([name, value]) => `${indent}${padTo(name, widest)}  ${value}`.trimEnd()).join('\n');
}
