import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { JobStatusView, LogEntryView } from '@provident/contracts/http';
import { memo, type ReactElement, type ReactNode } from 'react';

import { formatUtc } from '../../shared/format.js';
import { EntryBadge } from '../../shared/status-badge.js';
import { type ColumnId, columns, idBeneath } from './columns.js';

export const cellStyle = {
  boxSizing: 'border-box',
  paddingInline: tokens.spacingHorizontalS,
  overflow: 'hidden',
  textOverflow: 'ellipsis',
  whiteSpace: 'nowrap',
} as const;

const useStyles = makeStyles({
  row: {
    position: 'absolute',
    left: 0,
    width: '100%',
    display: 'flex',
    alignItems: 'center',
    boxSizing: 'border-box',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    cursor: 'pointer',
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
  },
  open: { backgroundColor: tokens.colorNeutralBackground1Selected },
  cell: cellStyle,
  card: { display: 'block', paddingBlock: tokens.spacingVerticalXS, width: '100%' },
  line: {
    display: 'flex',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalS,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
  },
  quiet: { color: tokens.colorNeutralForeground2 },
  cut: { overflow: 'hidden', textOverflow: 'ellipsis' },
  small: { fontSize: tokens.fontSizeBase200, lineHeight: tokens.lineHeightBase200 },
});

type Jobs = ReadonlyMap<string, JobStatusView>;

/** What a row was told: a key, or `click`. Gives back whether that meant anything. */
export type Act = (index: number, key: string) => boolean;
export const opening: ReadonlySet<string> = new Set(['Enter', ' ', 'click']);

/** The last column takes what is left; where there is too little, all give of theirs. */
export const widthOf = (id: ColumnId, chosen: readonly ColumnId[]) => ({
  flex: `${id === chosen.at(-1) ? 1 : 0} 1 ${columns[id].width}px`,
  minWidth: columns[id].least,
});

interface LogRowProps {
  readonly entry: LogEntryView;
  readonly index: number;
  /** Place and height, in pixels. */
  readonly start: number;
  readonly size: number;
  /** Null where there is no room for columns. */
  readonly chosen: readonly ColumnId[] | null;
  readonly jobs: Jobs;
  readonly isOpen: boolean;
  readonly isActive: boolean;
  readonly act: Act;
}

/** One entry of the log; drawn again only when it has changed. */
export const LogRow = memo(function LogRow({ entry, index, start, size, chosen, jobs, isOpen, isActive, act }: LogRowProps): ReactElement {
  const styles = useStyles();
  return (
    <div
      data-index={index}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isOpen}
      tabIndex={isActive ? 0 : -1}
      className={mergeClasses(styles.row, isOpen && styles.open)}
      style={{ height: size, transform: `translateY(${start}px)` }}
      onClick={() => act(index, 'click')}
      onKeyDown={(event) => act(index, event.key) && event.preventDefault()}
    >
      {chosen === null ? (
        <CardCell entry={entry} jobs={jobs} />
      ) : (
        chosen.map((id) => (
          <div
            key={id}
            role="gridcell"
            className={styles.cell}
            style={widthOf(id, chosen)}
            title={id === 'at' ? formatUtc(entry.at) : columns[id].text(entry, jobs)}
          >
            {id === 'name' ? <Named entry={entry} jobs={jobs} id={idBeneath(entry, chosen)} /> : cellOf(id, entry, jobs)}
          </div>
        ))
      )}
    </div>
  );
});

const cellOf = (id: ColumnId, entry: LogEntryView, jobs: Jobs): ReactNode =>
  id === 'status' ? <EntryBadge status={entry.status} /> : columns[id].text(entry, jobs);

/** Whom an entry is about, and the id beneath, by which people of one name are told apart. */
function Named({ entry, jobs, id }: { entry: LogEntryView; jobs: Jobs; id: string | null }): ReactElement {
  const styles = useStyles();
  const name = columns.name.text(entry, jobs);
  if (id === null) return <>{name}</>;
  return (
    <>
      <div className={styles.cut}>{name}</div> <div className={mergeClasses(styles.cut, styles.quiet, styles.small)}>{id}</div>
    </>
  );
}

/** A row where there is no room for columns. */
function CardCell({ entry, jobs }: { entry: LogEntryView; jobs: Jobs }): ReactElement {
  const styles = useStyles();
  return (
    <div role="gridcell" className={mergeClasses(styles.cell, styles.card)}>
      <div className={styles.line}>
        <strong className={styles.cut}>{columns.name.text(entry, jobs)}</strong>
        <EntryBadge status={entry.status} />
      </div>
      <div className={styles.cut}>{columns.statusText.text(entry, jobs)}</div>
      <div className={mergeClasses(styles.line, styles.quiet)}>{columns.at.text(entry, jobs)}</div>
    </div>
  );
}
