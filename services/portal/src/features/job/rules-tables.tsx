import { makeStyles, Subtitle1, Text, tokens } from '@fluentui/react-components';
import type { ReactElement } from 'react';

import { DataTable } from '../../shared/data-table.js';
import { FactList } from '../../shared/fact-list.js';
import { formatValue } from '../../shared/format.js';
import { texts } from '../../texts/en.js';
import type { Clause, Mapping, ObjectRules } from '../../shared/revisions.js';

const useStyles = makeStyles({
  part: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, marginBottom: tokens.spacingVerticalL },
  heading: { margin: 0 },
  code: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: 'anywhere' },
});

const said = texts.job;

/** The rules of one kind of object, as tables. */
export function RulesTables({ rules }: { rules: ObjectRules }): ReactElement {
  const styles = useStyles();
  const { scope = [], active, attributes, removals = {} } = rules;
  const heading = (text: string): ReactElement => (
    <Subtitle1 as="h2" className={styles.heading}>
      {text}
    </Subtitle1>
  );
  return (
    <>
      <section className={styles.part}>
        {heading(said.scopeTitle)}
        <Text>{scope.length === 0 ? said.scopeNone : said.scopeAny}</Text>
        {scope.length > 0 && (
          <DataTable
            label={said.scopeTitle}
            columns={[texts.details.filter, texts.details.clause]}
            rows={scope.flatMap(({ name, all }) =>
              all.map((clause, index) => [`${name} ${index}`, index === 0 ? name : '', clauseSaid(clause)] as const),
            )}
          />
        )}
      </section>
      <section className={styles.part}>
        {heading(said.activeTitle)}
        <Text>{active ? clauseSaid(active) : said.activeNone}</Text>
      </section>
      <section className={styles.part}>
        {heading(said.mappingTitle)}
        <DataTable
          label={said.mappingTitle}
          columns={[
            said.mapping.target,
            said.mapping.flow,
            said.mapping.from,
            said.mapping.matching,
            said.mapping.apply,
            said.mapping.required,
          ]}
          rows={attributes.map((mapping, index) => {
            const [how, from] = sourceOf(mapping);
            return [
              `${mapping.target} ${index}`,
              <span key="target" className={styles.code}>
                {mapping.target}
              </span>,
              said.how[how],
              <span key="from" className={styles.code}>
                {from}
              </span>,
              mapping.matching ?? '',
              said.apply[mapping.apply ?? 'always'] ?? mapping.apply,
              mapping.required ? texts.common.yes : '',
            ];
          })}
        />
      </section>
      <section className={styles.part}>
        {heading(said.removalsTitle)}
        <FactList
          facts={Object.entries(said.removal).map(([when, name]) => [
            name,
            said.removalDo[String(removals[when])] ?? formatValue(removals[when]),
          ])}
        />
      </section>
    </>
  );
}

export const clauseSaid = ({ attribute, operator, value }: Clause): string =>
  [attribute, operator, ...(value === undefined ? [] : [JSON.stringify(value)])].join(' ');

/** Where a mapping takes its value from: the kind of it, and what. */
export function sourceOf({ source, constant, expression, default: fallback }: Mapping): readonly [keyof typeof said.how, string] {
  if (source !== undefined) return ['source', source];
  if (constant !== undefined) return ['constant', formatValue(constant)];
  return expression === undefined ? ['default', formatValue(fallback)] : ['expression', expression];
}
