import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { ReactElement, ReactNode } from 'react';

import { distinctKeys } from './distinct-keys.js';

const narrow = '@media (max-width: 720px)';

const block = { display: 'block' } as const;
const gone = { display: 'none' } as const;
const stackedRow = {
  display: 'block',
  borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  paddingBlock: tokens.spacingVerticalS,
} as const;
const stackedCell = {
  display: 'grid',
  gridTemplateColumns: '116px minmax(0, 1fr)',
  justifyItems: 'start',
  borderBottomStyle: 'none',
  paddingBlock: tokens.spacingVerticalXXS,
  '::before': { content: 'attr(data-column)', color: tokens.colorNeutralForeground2 },
} as const;

const useStyles = makeStyles({
  scroll: { overflowX: 'auto', maxWidth: '100%', minWidth: 0, ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` } },
  table: { borderCollapse: 'collapse', width: '100%', fontSize: tokens.fontSizeBase300 },
  cell: {
    textAlign: 'left',
    verticalAlign: 'top',
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM} ${tokens.spacingVerticalS} 0`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    overflowWrap: 'anywhere',
    minWidth: '104px',
  },
  head: { fontWeight: tokens.fontWeightSemibold, color: tokens.colorNeutralForeground2, whiteSpace: 'nowrap' },
  // Where there is no room beside each other, a row's cells stand below each other, each with the name of its column.
  stacked: { [narrow]: block },
  stackedHead: { [narrow]: gone },
  stackedRow: { [narrow]: stackedRow },
  stackedCell: { [narrow]: stackedCell },
  absent: { [narrow]: gone },
  tight: block,
  tightHead: gone,
  tightRow: stackedRow,
  tightCell: stackedCell,
  tightAbsent: gone,
});

interface DataTableProps {
  readonly label: string;
  readonly columns: readonly string[];
  /** A key and one node for each column. */
  readonly rows: readonly (readonly [key: string, ...cells: ReactNode[]])[];
  /** Whether cells stand below each other on a telephone; by default where there are many of them. */
  readonly stacks?: boolean;
  /** Whether it stands where there is no more room than on a telephone. */
  readonly isTight?: boolean;
}

/** More columns than these have no room on a telephone. */
const fitting = 3;

/** A table of a few dozen rows. The roles are written out because the stacked form would lose them. */
export function DataTable({ label, columns, rows, stacks = columns.length > fitting, isTight = false }: DataTableProps): ReactElement {
  const styles = useStyles();
  const keys = distinctKeys(rows.map(([key]) => key));
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={label}>
      <table role="table" aria-label={label} className={mergeClasses(styles.table, stacks && styles.stacked, isTight && styles.tight)}>
        <thead role="rowgroup" className={mergeClasses(stacks && styles.stackedHead, isTight && styles.tightHead)}>
          <tr role="row">
            {columns.map((column) => (
              <th key={column} role="columnheader" scope="col" className={mergeClasses(styles.cell, styles.head)}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" className={mergeClasses(stacks && styles.stacked, isTight && styles.tight)}>
          {rows.map(([, ...cells], at) => (
            <tr key={keys[at]} role="row" className={mergeClasses(stacks && styles.stackedRow, isTight && styles.tightRow)}>
              {columns.map((column, index) => (
                <td
                  key={column}
                  role="cell"
                  data-column={column}
                  className={mergeClasses(
                    styles.cell,
                    stacks && styles.stackedCell,
                    isTight && styles.tightCell,
                    stacks && cells[index] === '' && styles.absent,
                    isTight && cells[index] === '' && styles.tightAbsent,
                  )}
                >
                  {cells[index]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
