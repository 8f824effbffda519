import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { JobStatusView, LogEntryView } from '@provident/contracts/http';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactElement, type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

import { useIsNarrow } from '../../shared/use-is-narrow.js';
import { logTexts } from '../../texts/en/log.js';
import { type ColumnId, columns } from './columns.js';
import { type Act, cellStyle, LogRow, opening, widthOf } from './log-row.js';

const headHeight = 37;

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
  top: { position: 'sticky', top: 0, zIndex: 1 },
  unseen: { position: 'absolute', clip: 'rect(0 0 0 0)', height: '1px', overflow: 'hidden' },
  head: {
    display: 'flex',
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke1}`,
    fontWeight: tokens.fontWeightSemibold,
  },
  body: { position: 'relative' },
  cell: cellStyle,
  headCell: { height: `${headHeight - 1}px`, lineHeight: `${headHeight - 1}px` },
});

export interface LogTableProps {
  readonly entries: readonly LogEntryView[];
  readonly chosen: readonly ColumnId[];
  readonly jobs: ReadonlyMap<string, JobStatusView>;
  /** Change id of the entry whose details are open. */
  readonly open: string | undefined;
  readonly onOpen: (changeId: string) => void;
  /** Show the last entry first. */
  readonly fromEnd: boolean;
  /** Whether there is more before and behind the entries, and how it is loaded. */
  readonly isLoading: boolean;
  readonly hasNewer: boolean;
  readonly hasOlder: boolean;
  readonly loadNewer: () => void;
  readonly loadOlder: () => void;
}

const rowHeight = 41;
const cardHeight = 84;
const ahead = 20;

/** The log's rows. Only those in sight exist; more are loaded shortly before an end is reached. Arrow keys move, Enter opens. */
export function LogTable({ entries, chosen, jobs, open, onOpen, ...more }: LogTableProps): ReactElement {
  const { fromEnd, isLoading, hasNewer, hasOlder, loadNewer, loadOlder } = more;
  const styles = useStyles();
  const isNarrow = useIsNarrow();
  const frame = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => frame.current,
    estimateSize: () => (isNarrow ? cardHeight : rowHeight),
    overscan: 8,
    scrollPaddingEnd: isNarrow ? 0 : headHeight,
    getItemKey: (index) => entries[index]?.changeId ?? index,
  });
  const inSight = rows.getVirtualItems();
  const first = inSight[0]?.index ?? 0;
  const last = inSight.at(-1)?.index ?? 0;
  useEffect(() => rows.measure(), [rows, isNarrow]);
  // Where the keys have led, until that row is there and has the focus: whoever presses on does not wait for it.
  const wanted = useRef<number | null>(null);
  const begin = useRef(fromEnd);
  useLayoutEffect(() => {
    if (begin.current && frame.current) frame.current.scrollTop = frame.current.scrollHeight;
  }, []);
  useStaying(frame, entries, !hasNewer, isNarrow ? cardHeight : rowHeight, (by) => {
    setActive((index) => Math.max(0, index + by));
    if (wanted.current !== null) wanted.current = Math.max(0, wanted.current + by);
  });
  useEffect(() => {
    if (isLoading) return;
    if (hasOlder && last >= entries.length - ahead) loadOlder();
    else if (hasNewer && first <= ahead) loadNewer();
  }, [isLoading, hasOlder, hasNewer, first, last, entries.length, loadOlder, loadNewer]);

  useLayoutEffect(() => {
    const row = wanted.current === null ? null : frame.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`);
    if (!row) return;
    wanted.current = null;
    const { activeElement } = document;
    // Whoever has gone on to something else meanwhile stays there.
    if (activeElement === document.body || frame.current?.contains(activeElement)) row.focus({ preventScroll: true });
  });
  const focus = (index: number): void => {
    wanted.current = Math.max(0, Math.min(entries.length - 1, index));
    setActive(wanted.current);
    rows.scrollToIndex(wanted.current);
  };
  const onAct: Act = (from, key) => {
    const index = key === 'click' ? from : (wanted.current ?? from);
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
      wanted.current = null;
      setActive(index);
      onOpen(entry.changeId);
    } else return false;
    return true;
  };
  // One function for all rows and all times: a row is drawn again only when it has changed.
  const latest = useRef(onAct);
  latest.current = onAct;
  const act = useCallback<Act>((index, key) => latest.current(index, key), []);

  const whole = isNarrow ? '100%' : chosen.reduce((sum, id) => sum + columns[id].least, 0);
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
        <div role="rowgroup" className={isNarrow ? styles.unseen : styles.top}>
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

/**
 * Keeps what is in sight where it is when entries come before it or go: the frame is moved by as much as its first row in sight was.
 * Whoever is at the top of the newest stays there, and sees what comes.
 */
function useStaying(
  frame: RefObject<HTMLDivElement | null>,
  entries: readonly LogEntryView[],
  isNewest: boolean,
  height: number,
  onMoved: (by: number) => void,
): void {
  const before = useRef({ entries, isNewest });
  useLayoutEffect(() => {
    const at = frame.current;
    const known = before.current;
    before.current = { entries, isNewest };
    if (at === null || known.entries === entries || (known.isNewest && at.scrollTop === 0)) return;
    const index = Math.floor(at.scrollTop / height);
    const now = entries.findIndex(({ changeId }) => changeId === known.entries[index]?.changeId);
    if (now === -1 || now === index) return;
    at.scrollTop += (now - index) * height;
    onMoved(now - index);
  });
}
