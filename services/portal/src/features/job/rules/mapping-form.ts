import type { Mapping } from '../../../shared/revisions.js';

/** Where the value of a mapping comes from. `none`: only its default. */
export const kinds = ['source', 'expression', 'constant', 'reference', 'none'] as const;
export type Kind = (typeof kinds)[number];

/** A mapping as its dialog asks for it: everything is text until it is written. */
export interface MappingForm {
  readonly target: string;
  readonly kind: Kind;
  readonly source: string;
  readonly expression: string;
  readonly constant: string;
  readonly reference: string;
  readonly referenceType: string;
  /** Empty: none. */
  readonly default: string;
  /** Empty: it does not find the account. */
  readonly matching: string;
  readonly apply: 'always' | 'on-create';
  readonly required: boolean;
  readonly caseExact: boolean;
}

export const emptyForm: MappingForm = {
  target: '',
  kind: 'source',
  source: '',
  expression: '',
  constant: '',
  reference: '',
  referenceType: 'user',
  default: '',
  matching: '',
  apply: 'always',
  required: false,
  caseExact: true,
};

const scalarText = (value: unknown): string => (value === undefined ? '' : String(value as string | number | boolean));

export const kindOf = ({ source, expression, constant, reference }: Mapping): Kind =>
  source !== undefined
    ? 'source'
    : expression !== undefined
      ? 'expression'
      : constant !== undefined
        ? 'constant'
        : reference !== undefined
          ? 'reference'
          : 'none';

export const formOf = (mapping: Mapping): MappingForm => ({
  target: mapping.target,
  kind: kindOf(mapping),
  source: mapping.source ?? '',
  expression: mapping.expression ?? '',
  constant: scalarText(mapping.constant),
  reference: mapping.reference ?? '',
  referenceType: mapping.referenceType ?? 'user',
  default: scalarText(mapping.default),
  matching: scalarText(mapping.matching),
  apply: mapping.apply === 'on-create' ? 'on-create' : 'always',
  required: mapping.required ?? false,
  caseExact: mapping.caseExact ?? true,
});

/** A value as it was typed, in the type that the attribute or the value before had; text where it is none of that type. */
export function scalarOf(typed: string, like: unknown): string | number | boolean {
  if ((like === 'boolean' || typeof like === 'boolean') && /^(true|false)$/i.test(typed)) return typed.toLowerCase() === 'true';
  const isNumber = like === 'integer' || like === 'decimal' || typeof like === 'number';
  return isNumber && typed.trim() !== '' && Number.isFinite(Number(typed)) ? Number(typed) : typed;
}

/**
 * The mapping as the job file writes it. What the dialog does not ask for stays; what is usual is written only where it stood before.
 * @param type of the target attribute, when it is known: a constant is written as such
 */
export function mappingOf(form: MappingForm, before: Mapping | null, type: string | undefined): Mapping {
  const {
    source: _s,
    constant: was,
    expression: _e,
    reference: _r,
    referenceType: _t,
    default: old,
    matching: _m,
    ...others
  } = before ?? {};
  const { apply: _a, required: _q, caseExact: _c, target: _n, ...kept } = others as Partial<Mapping>;
  const unusual = <Value>(name: keyof Mapping, value: Value, usual: Value) =>
    value !== usual || before?.[name] !== undefined ? { [name]: value } : {};
  return {
    target: form.target.trim(),
    ...(form.kind === 'source' && { source: form.source.trim() }),
    ...(form.kind === 'expression' && { expression: form.expression }),
    ...(form.kind === 'constant' && { constant: scalarOf(form.constant, type ?? was) }),
    ...(form.kind === 'reference' && { reference: form.reference.trim(), ...unusual('referenceType', form.referenceType, 'user') }),
    ...(form.default !== '' && { default: scalarOf(form.default, type ?? old) }),
    ...(form.matching.trim() !== '' && { matching: Number(form.matching) }),
    ...unusual('apply', form.apply, 'always'),
    ...unusual('required', form.required, false),
    ...unusual('caseExact', form.caseExact, true),
    ...kept,
  };
}
