import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { JobStatusView, LogEntryView } from '@provident/contracts/http';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactElement, useCallback, useEffect, useRef, useState } from 'react';

import { useIsNarrow } from '../../shared/use-is-narrow.js';
import { logTexts } from '../../texts/en/log.js';
import { type ColumnId, columns } from './columns.js';
import { type Act, cellStyle, LogRow, opening, widthOf } from './log-row.js';

const useStyles = makeStyles({
  frame: {
    flex: '1 1 auto',
    minHeight: 'max(320px, 60dvh)',
    overflow: 'auto',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    contain: 'strict',
  },
  head: {
    position: 'sticky',
    top: 0,
    zIndex: 1,
    display: 'flex',
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke1}`,
    fontWeight: tokens.fontWeightSemibold,
  },
  body: { position: 'relative' },
  cell: cellStyle,
  headCell: { paddingBlock: tokens.spacingVerticalS },
});

export interface LogTableProps {
  readonly entries: readonly LogEntryView[];
  readonly chosen: readonly ColumnId[];
  readonly jobs: ReadonlyMap<string, JobStatusView>;
  /** Change id of the entry whose details are open. */
  readonly open: string | undefined;
  readonly onOpen: (changeId: string) => void;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
}

const rowHeight = 41;
const cardHeight = 84;
const ahead = 20;

/** The log's rows. Only those in sight exist; more are loaded shortly before the end is reached. Arrow keys move, Enter opens. */
export function LogTable({ entries, chosen, jobs, open, onOpen, hasMore, loadMore }: LogTableProps): ReactElement {
  const styles = useStyles();
  const isNarrow = useIsNarrow();
  const frame = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => frame.current,
    estimateSize: () => (isNarrow ? cardHeight : rowHeight),
    overscan: 8,
    getItemKey: (index) => entries[index]?.changeId ?? index,
  });
  const inSight = rows.getVirtualItems();
  const last = inSight.at(-1)?.index ?? 0;
  useEffect(() => rows.measure(), [rows, isNarrow]);
  useEffect(() => {
    if (hasMore && last >= entries.length - ahead) loadMore();
  }, [hasMore, last, entries.length, loadMore]);

  const focus = (index: number): void => {
    const wanted = Math.max(0, Math.min(entries.length - 1, index));
    setActive(wanted);
    rows.scrollToIndex(wanted);
    requestAnimationFrame(() => frame.current?.querySelector<HTMLElement>(`[data-index="${wanted}"]`)?.focus());
  };
  const onAct: Act = (index, key) => {
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / (isNarrow ? cardHeight : rowHeight)) - 1);
    const moves: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: entries.length - 1,
    };
    const entry = entries[index];
    if (key in moves) focus(moves[key]!);
    else if (opening.has(key) && entry) {
      setActive(index);
      onOpen(entry.changeId);
    } else return false;
    return true;
  };
  // One function for all rows and all times: a row is drawn again only when it has changed.
  const latest = useRef(onAct);
  latest.current = onAct;
  const act = useCallback<Act>((index, key) => latest.current(index, key), []);

  const whole = isNarrow ? '100%' : chosen.reduce((sum, id) => sum + columns[id].width, 0);
  return (
    <div
      ref={frame}
      className={styles.frame}
      role="grid"
      aria-label={logTexts.table}
      aria-rowcount={entries.length + 1}
      aria-colcount={isNarrow ? 1 : chosen.length}
    >
      <div style={{ minWidth: whole }} role="presentation">
        <div role="rowgroup" {...(isNarrow && { style: { position: 'absolute', clip: 'rect(0 0 0 0)', height: 1, overflow: 'hidden' } })}>
          <div role="row" aria-rowindex={1} className={styles.head}>
            {(isNarrow ? (['name'] as const) : chosen).map((id) => (
              <div key={id} role="columnheader" className={mergeClasses(styles.cell, styles.headCell)} style={widthOf(id, chosen)}>
                {logTexts.column[id]}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: rows.getTotalSize() }}>
          {inSight.map(({ index, key, start, size }) => {
            const entry = entries[index];
            return (
              entry && (
                <LogRow
                  key={key}
                  entry={entry}
                  index={index}
                  start={start}
                  size={size}
                  chosen={isNarrow ? null : chosen}
                  jobs={jobs}
                  isOpen={entry.changeId === open}
                  isActive={index === Math.min(active, entries.length - 1)}
                  act={act}
                />
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}
