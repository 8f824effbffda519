import type { ReactElement } from 'react';

import { detailsTexts } from '../../texts/en/details.js';
import { DataTable } from '../data-table.js';
import { ChangesTable, Value } from './changes-table.js';
import { ClausesTable } from './clauses-table.js';
import type { StepFacts } from './step-facts.js';

const said = detailsTexts;

/** Every value that a step saw: read attributes, look-ups, accounts found, conditions, changes. */
export const StepValues = ({ facts: { attributes, tried, accounts, clauses, changes } }: { facts: StepFacts }): ReactElement => (
  <>
    {attributes.length > 0 && <ValuesTable label={said.facts} values={attributes} />}
    {tried.length > 0 && (
      <DataTable
        label={said.tried}
        columns={[said.tried, said.value, said.result]}
        rows={tried.map(({ attribute, value, found }) => [attribute, attribute, <Value key="value" value={value} />, said.found(found)])}
      />
    )}
    {accounts
      .filter(({ attributes: known }) => known.length > 0)
      .map(({ id, attributes: known }) => (
        <ValuesTable key={id} label={said.accountFound(id)} values={known} />
      ))}
    {clauses.length > 0 && <ClausesTable clauses={clauses} />}
    {changes.length > 0 && <ChangesTable modified={changes} />}
  </>
);

const ValuesTable = ({ label, values }: { label: string; values: StepFacts['attributes'] }): ReactElement => (
  <DataTable
    label={label}
    columns={[label === said.facts ? said.attribute : label, said.value]}
    rows={values.map(([name, value]) => [name, name, <Value key="value" value={value} />])}
  />
);
