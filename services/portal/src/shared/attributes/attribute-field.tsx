import { Field, Input } from '@fluentui/react-components';
import { type ReactElement, useId } from 'react';

import { rulesTexts } from '../../texts/en/rules.js';
import { findAttribute, type KnownAttributes } from './known-attributes.js';

const said = rulesTexts.mapping;

interface AttributeFieldProps {
  readonly label: string;
  readonly side: 'source' | 'target';
  readonly known: KnownAttributes;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly required?: boolean;
  /** Said instead of what is known of the attribute. */
  readonly problem?: string | undefined;
  /** Stands in the field while it is empty. */
  readonly placeholder?: string;
  /** For a place where no label fits: it is read aloud all the same. */
  readonly isLabelHidden?: boolean;
}

/** The name of an attribute, completed from what the system tells, with what is known of it below. */
export function AttributeField(props: AttributeFieldProps): ReactElement {
  const { label, side, known, value, onChange, required = false, problem, placeholder, isLabelHidden = false } = props;
  const list = useId();
  const found = findAttribute(known, value.trim());
  const about = found && said.about(found.type, found.multiValued, found.required);
  const warning =
    value.trim() === '' || found
      ? found?.readOnly && side === 'target'
        ? said.readOnly
        : undefined
      : unknownSaid(side, known, value.trim());
  const input = (
    <Input
      style={{ width: '100%', minWidth: 0 }}
      value={value}
      placeholder={placeholder}
      input={{ list, spellCheck: false, autoComplete: 'off', ...(isLabelHidden && { 'aria-label': label }) }}
      onChange={(_, data) => onChange(data.value)}
    />
  );
  return (
    <>
      <Field
        {...(!isLabelHidden && { label, required })}
        {...(problem !== undefined
          ? { validationMessage: problem }
          : warning !== undefined
            ? { validationMessage: warning, validationState: 'warning' as const }
            : !isLabelHidden && { hint: about ?? '' })}
      >
        {input}
      </Field>
      <datalist id={list}>
        {known.attributes
          .filter(({ readOnly }) => side === 'source' || !readOnly)
          .map(({ name, type }) => (
            <option key={name} value={name}>
              {type}
            </option>
          ))}
      </datalist>
    </>
  );
}

function unknownSaid(side: 'source' | 'target', { attributes, complete }: KnownAttributes, name: string): string | undefined {
  if (attributes.length === 0) return undefined;
  if (!complete || name.includes('[')) return said.unknown(side);
  const near = attributes.find((each) => each.name.toLowerCase() === name.toLowerCase());
  return said.noSuch(side, near?.name);
}
