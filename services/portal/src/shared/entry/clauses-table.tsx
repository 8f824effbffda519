import type { ReactElement } from 'react';

import { texts } from '../../texts/en.js';
import { detailsTexts } from '../../texts/en/details.js';
import { DataTable } from '../data-table.js';
import type { Clause } from './advice.js';
import { Value } from './changes-table.js';

/** The conditions that were looked at, each with the value that it met. */
export const ClausesTable = ({ clauses }: { clauses: readonly Clause[] }): ReactElement => (
  <DataTable
    label={detailsTexts.clause}
    columns={[detailsTexts.clause, detailsTexts.actual, detailsTexts.holds, detailsTexts.filter]}
    rows={clauses.map(({ filter, clause, actual, holds }, index) => [
      `${filter} ${clause} ${index}`,
      clause,
      <Value key="actual" value={actual} />,
      holds ? texts.common.yes : <strong key="no">{texts.common.no}</strong>,
      filter,
    ])}
  />
);
