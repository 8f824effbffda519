import { Button, Card, Checkbox, Field, Input, makeStyles, Subtitle1, Text, tokens } from '@fluentui/react-components';
import { AddRegular } from '@fluentui/react-icons/svg/add';
import { DeleteRegular } from '@fluentui/react-icons/svg/delete';
import type { RulesVocabularyView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import type { KnownAttributes } from '../../../shared/attributes/known-attributes.js';
import type { Clause, ObjectRules } from '../../../shared/revisions.js';
import { jobTexts } from '../../../texts/en/job.js';
import { rulesTexts as said } from '../../../texts/en/rules.js';
import { AssignedEditor } from './assigned-editor.js';
import { ClauseRow } from './clause-row.js';
import type { Found } from './of-now.js';

const useStyles = makeStyles({
  part: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, minWidth: 0 },
  heading: { margin: 0 },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  between: { color: tokens.colorNeutralForeground2, fontWeight: tokens.fontWeightSemibold },
});

export type Edit = {
  readonly set: (place: readonly (string | number)[], value: unknown) => void;
  readonly remove: (place: readonly (string | number)[]) => void;
  readonly append: (place: readonly (string | number)[], value: unknown) => void;
  readonly move: (list: readonly (string | number)[], from: number, to: number) => void;
};

interface ScopeEditorProps {
  readonly rules: ObjectRules;
  readonly source: KnownAttributes;
  readonly operators: RulesVocabularyView['operators'];
  /** What each condition met, in their order, as far as that is known. */
  readonly clauses: Found['clauses'] | undefined;
  readonly active: Found['active'];
  readonly edit: Edit;
}

const freshClause: Clause = { attribute: '', operator: 'EQUALS', value: '' };

/** Who is in scope, and who of them counts as active. Filters are joined by "or", the conditions of one by "and". */
export function ScopeEditor({ rules, source, operators, clauses, active: activeVerdict, edit }: ScopeEditorProps): ReactElement {
  const styles = useStyles();
  const { assigned, scope = [], active } = rules;
  let next = 0;
  const verdict = () => clauses?.[next++];
  return (
    <>
      <section className={styles.part}>
        <Subtitle1 as="h2" className={styles.heading}>
          {jobTexts.scopeTitle}
        </Subtitle1>
        <AssignedEditor assigned={assigned} verdict={assigned && verdict()} edit={edit} />
        <Text>{scope.length === 0 ? jobTexts.scopeNone : jobTexts.scopeAny(rules.type)}</Text>
        {scope.map(({ name, all }, group) => (
          // Filters have no id, and their names change while they are typed.
          // oxlint-disable-next-line react/no-array-index-key
          <div key={group} className={styles.part}>
            {group > 0 && <Text className={styles.between}>{said.or}</Text>}
            <Card role="region" aria-label={name || said.filter(group + 1)}>
              <div className={styles.head}>
                <Field label={said.filterName}>
                  <Input value={name} onChange={(_, { value }) => edit.set(['scope', group, 'name'], value)} />
                </Field>
                <Button icon={<DeleteRegular />} appearance="subtle" onClick={() => edit.remove(['scope', group])}>
                  {said.removeFilter(name || said.filter(group + 1))}
                </Button>
              </div>
              {all.map((clause, index) => (
                // oxlint-disable-next-line react/no-array-index-key
                <div key={index} className={styles.part}>
                  {index > 0 && (
                    <Text size={200} className={styles.between}>
                      {said.and}
                    </Text>
                  )}
                  <ClauseRow
                    name={said.condition(name || said.filter(group + 1), index + 1)}
                    clause={clause}
                    operators={operators}
                    source={source}
                    verdict={verdict()}
                    change={(changed) => edit.set(['scope', group, 'all', index], changed)}
                    {...(all.length > 1 && { remove: () => edit.remove(['scope', group, 'all', index]) })}
                  />
                </div>
              ))}
              <div>
                <Button size="small" icon={<AddRegular />} onClick={() => edit.append(['scope', group, 'all'], freshClause)}>
                  {said.addCondition}
                </Button>
              </div>
            </Card>
          </div>
        ))}
        <div>
          <Button icon={<AddRegular />} onClick={() => edit.append(['scope'], { name: said.newFilter, all: [freshClause] })}>
            {said.addFilter}
          </Button>
        </div>
      </section>
      <section className={styles.part}>
        <Subtitle1 as="h2" className={styles.heading}>
          {jobTexts.activeTitle}
        </Subtitle1>
        <div>
          <Checkbox
            label={said.activeOn}
            checked={active !== undefined}
            onChange={(_, { checked }) => (checked ? edit.set(['active'], freshClause) : edit.remove(['active']))}
          />
        </div>
        {active && (
          <ClauseRow
            name={said.activeCondition}
            clause={active}
            operators={operators}
            source={source}
            verdict={activeVerdict ?? undefined}
            change={(changed) => edit.set(['active'], changed)}
          />
        )}
      </section>
    </>
  );
}
