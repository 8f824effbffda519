import { Button, Checkbox, Field, Input, makeStyles, Radio, RadioGroup, Select, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { AddRegular } from '@fluentui/react-icons/svg/add';
import { DeleteRegular } from '@fluentui/react-icons/svg/delete';
import type { ReactElement } from 'react';

import { AuthFields } from '../../shared/auth/auth-fields.js';
import { missingInAuth } from '../../shared/auth/auth-form.js';
import { AttributeField } from '../../shared/attributes/attribute-field.js';
import type { KnownAttributes } from '../../shared/attributes/known-attributes.js';
import { firstRunTexts } from '../../texts/en/first-run.js';
import type { Draft, MappingRow } from './draft.js';

const useStyles = makeStyles({
  fields: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, maxWidth: '720px' },
  row: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr) 32px',
    gap: tokens.spacingHorizontalS,
    alignItems: 'start',
  },
  heading: { margin: 0 },
  group: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
});

const said = firstRunTexts;

export interface StepProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  /** Fields that are missing, once somebody wanted to go on. */
  readonly missing: readonly (keyof Draft)[];
  /** What the two systems tell of people, once they were asked. */
  readonly source: KnownAttributes;
  readonly target: KnownAttributes;
}

type TextField = 'jobId' | 'file' | 'anchor' | 'url' | 'targetName';

function TextAnswer({
  draft,
  change,
  missing,
  name,
  label,
  hint,
  required = true,
}: StepProps & { name: TextField; label: string; hint?: string; required?: boolean }): ReactElement {
  return (
    <Field label={label} required={required} hint={hint ?? ''} {...(missing.includes(name) && { validationMessage: said.incomplete })}>
      <Input value={draft[name]} onChange={(_, { value }) => change({ [name]: value })} spellCheck={false} autoComplete="off" />
    </Field>
  );
}

export function SourceStep(props: StepProps): ReactElement {
  const styles = useStyles();
  const { draft, change } = props;
  return (
    <div className={styles.fields}>
      <TextAnswer {...props} name="jobId" label={said.jobId} hint={said.jobIdHint} />
      <TextAnswer {...props} name="file" label={said.file} hint={said.fileHint} />
      <TextAnswer {...props} name="anchor" label={said.anchor} hint={said.anchorHint} />
      <Field label={said.delimiter}>
        <Select value={draft.delimiter} onChange={(_, { value }) => change({ delimiter: value })}>
          {Object.entries(said.delimiters).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
    </div>
  );
}

export function TargetStep(props: StepProps): ReactElement {
  const styles = useStyles();
  const { draft, change, missing } = props;
  return (
    <div className={styles.fields}>
      <TextAnswer {...props} name="url" label={said.url} hint={said.urlHint} />
      <AuthFields
        form={draft.auth}
        change={(part) => change({ auth: { ...draft.auth, ...part } })}
        missing={missing.includes('auth') ? missingInAuth(draft.auth) : []}
        setsSecret
      />
      <TextAnswer {...props} name="targetName" label={said.targetName} required={false} />
    </div>
  );
}

export function RulesStep({ draft, change, source, target }: StepProps): ReactElement {
  const styles = useStyles();
  const { rows, scope, paused } = draft;
  const changeRow = (index: number, part: Partial<MappingRow>): void =>
    change({ rows: rows.map((row, at) => (at === index ? { ...row, ...part } : row)) });
  return (
    <div className={styles.fields}>
      <div className={styles.group}>
        <Subtitle2 as="h3" className={styles.heading}>
          {said.mappingTitle}
        </Subtitle2>
        <Text>{said.mappingHint}</Text>
        <div className={styles.row} aria-hidden>
          <Text weight="semibold">{said.target}</Text>
          <Text weight="semibold">{said.column}</Text>
        </div>
        {rows.map((row, index) => (
          // The rows have no other name than their place.
          <div key={index} className={styles.row}>
            <AttributeField
              label={`${said.target} ${index + 1}`}
              isLabelHidden
              side="target"
              known={target}
              value={row.target}
              onChange={(value) => changeRow(index, { target: value })}
            />
            <AttributeField
              label={`${said.column} ${index + 1}`}
              isLabelHidden
              side="source"
              known={source}
              value={row.column}
              onChange={(value) => changeRow(index, { column: value })}
            />
            {index > 0 && (
              <Button
                appearance="subtle"
                icon={<DeleteRegular />}
                aria-label={said.remove(row.target)}
                onClick={() => change({ rows: rows.filter((_, at) => at !== index) })}
              />
            )}
          </div>
        ))}
        <div>
          <Button icon={<AddRegular />} onClick={() => change({ rows: [...rows, { target: '', column: '' }] })}>
            {said.add}
          </Button>
        </div>
      </div>
      <Field label={said.scopeTitle}>
        <RadioGroup
          value={scope ? 'some' : 'all'}
          onChange={(_, { value }) => change({ scope: value === 'some' ? { column: '', value: '' } : null })}
        >
          <Radio value="all" label={said.scopeAll} />
          <Radio value="some" label={said.scopeSome} />
        </RadioGroup>
      </Field>
      {scope && (
        <div className={styles.row}>
          <AttributeField
            label={said.scopeColumn}
            placeholder={said.scopeColumn}
            isLabelHidden
            side="source"
            known={source}
            value={scope.column}
            onChange={(value) => change({ scope: { ...scope, column: value } })}
          />
          <Input
            aria-label={said.scopeValue}
            placeholder={said.scopeValue}
            value={scope.value}
            onChange={(_, { value }) => change({ scope: { ...scope, value } })}
          />
        </div>
      )}
      <Checkbox label={said.paused} checked={paused} onChange={(_, { checked }) => change({ paused: checked === true })} />
    </div>
  );
}
