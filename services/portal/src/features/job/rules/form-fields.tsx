import { Field, Input, Select } from '@fluentui/react-components';
import type { ReactElement } from 'react';

interface FieldProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

interface TextFieldProps extends FieldProps<string> {
  readonly hint?: string;
  readonly required?: boolean;
  readonly isNumber?: boolean;
  /** What keeps it from being taken over. */
  readonly problem?: string | undefined;
}

/** A line of text with its name, and below it what is wrong with it. */
export const TextField = ({ label, value, onChange, hint, required = false, isNumber = false, problem }: TextFieldProps): ReactElement => (
  <Field label={label} required={required} {...(hint && { hint })} {...(problem && { validationMessage: problem })}>
    <Input value={value} {...(isNumber && { inputMode: 'numeric' })} onChange={(_, { value: typed }) => onChange(typed)} />
  </Field>
);

interface ChoiceFieldProps<Value extends string> extends FieldProps<Value> {
  /** What may be chosen, in this order, each in words. */
  readonly choices: Readonly<Record<string, string>>;
}

/** One of a few. */
export const ChoiceField = <Value extends string>({ label, value, onChange, choices }: ChoiceFieldProps<Value>): ReactElement => (
  <Field label={label}>
    <Select value={value} onChange={(_, { value: chosen }) => onChange(chosen as Value)}>
      {Object.entries(choices).map(([name, words]) => (
        <option key={name} value={name}>
          {words}
        </option>
      ))}
    </Select>
  </Field>
);
