export type ParameterType = 'text' | 'whole number' | 'date' | 'list' | 'anything' | 'condition' | 'pattern';

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly isOptional: boolean;
  /** Words that it may be; they may be written without quotes. */
  readonly oneOf?: readonly string[];
  /** True: it may be other text too. */
  readonly isOpen?: boolean;
}

const parameter =
  (type: ParameterType) =>
  (name: string): Parameter => ({ name, type, isOptional: false });

export const text = parameter('text');
export const whole = parameter('whole number');
export const date = parameter('date');
export const list = parameter('list');
export const any = parameter('anything');
export const condition = parameter('condition');
export const pattern = parameter('pattern');
export const choice = (name: string, oneOf: readonly string[]): Parameter => ({ ...text(name), oneOf });
export const optional = (one: Parameter): Parameter => ({ ...one, isOptional: true });
