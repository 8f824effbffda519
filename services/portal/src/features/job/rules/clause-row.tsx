import { Button, Input, makeStyles, mergeClasses, Select, Text, tokens } from '@fluentui/react-components';
import { DeleteRegular } from '@fluentui/react-icons/svg/delete';
import type { ReactElement } from 'react';

import { AttributeField } from '../../../shared/attributes/attribute-field.js';
import type { KnownAttributes } from '../../../shared/attributes/known-attributes.js';
import type { Clause } from '../../../shared/revisions.js';
import { rulesTexts as said } from '../../../texts/en/rules.js';
import { scalarOf } from './mapping-form.js';

const useStyles = makeStyles({
  row: {
    display: 'grid',
    gridTemplateColumns: 'minmax(120px, 1fr) minmax(140px, 1fr) minmax(120px, 1fr) auto',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    '@media (max-width: 720px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  verdict: { gridColumn: '1 / -1', overflowWrap: 'anywhere' },
  holds: { color: tokens.colorNeutralForeground2 },
  holdsNot: { fontWeight: tokens.fontWeightSemibold },
});

interface ClauseRowProps {
  /** What a screen reader calls it. */
  readonly name: string;
  readonly clause: Clause;
  readonly operators: readonly { readonly name: string; readonly takesValue: boolean }[];
  readonly source: KnownAttributes;
  /** What came of it for whom the rules are tried on. */
  readonly verdict: { readonly actual: string; readonly holds: boolean } | undefined;
  readonly change: (clause: Clause) => void;
  readonly remove?: () => void;
}

/** One condition on one attribute. */
export function ClauseRow({ name, clause, operators, source, verdict, change, remove }: ClauseRowProps): ReactElement {
  const styles = useStyles();
  const { attribute, operator, value } = clause;
  const takesValue = operators.find((each) => each.name === operator)?.takesValue ?? true;
  const setOperator = (next: string): void => {
    const { value: _, ...rest } = clause;
    const takes = operators.find((each) => each.name === next)?.takesValue ?? true;
    change({ ...rest, operator: next, ...(takes && { value: value ?? '' }) });
  };
  return (
    <div className={styles.row} role="group" aria-label={name}>
      <div>
        <AttributeField
          isLabelHidden
          placeholder={said.attribute}
          label={`${name}: ${said.attribute}`}
          side="source"
          known={source}
          value={attribute}
          onChange={(next) => change({ ...clause, attribute: next })}
        />
      </div>
      <Select aria-label={`${name}: ${said.operator}`} value={operator} onChange={(_, data) => setOperator(data.value)}>
        {(operators.length > 0 ? operators.map((each) => each.name) : [operator]).map((each) => (
          <option key={each} value={each}>
            {said.operatorWords[each] === undefined ? each : `${said.operatorWords[each]} (${each})`}
          </option>
        ))}
      </Select>
      {takesValue ? (
        <Input
          style={{ minWidth: 0 }}
          aria-label={`${name}: ${said.value}`}
          placeholder={said.value}
          value={value === undefined ? '' : String(value as string | number | boolean)}
          onChange={(_, data) => change({ ...clause, value: scalarOf(data.value, value) })}
        />
      ) : (
        <span />
      )}
      {remove ? <Button icon={<DeleteRegular />} appearance="subtle" aria-label={said.removeCondition(name)} onClick={remove} /> : <span />}
      {verdict && (
        <Text size={200} className={mergeClasses(styles.verdict, verdict.holds ? styles.holds : styles.holdsNot)}>
          {verdict.holds ? said.holds(verdict.actual) : said.holdsNot(verdict.actual)}
        </Text>
      )}
    </div>
  );
}
