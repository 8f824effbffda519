import { readAnyDate } from './date/any-date.js';
import { DateTime } from './date/date-time.js';
import { Fault } from './fault.js';
import type { Parameter } from './parameter.js';
import { type Value, integerOf, isList, isTrue, kindOf, singleOf, textOrNull } from './value.js';

/** One argument of a call. It is evaluated when it is first asked for its value, so that a branch not taken costs and breaks nothing. */
export class Argument {
  private known: { readonly value: Value } | null = null;

  /** @param evaluate null for an argument that was left out, which behaves as null */
  constructor(
    private readonly parameter: Parameter,
    private readonly functionName: string,
    private readonly at: number,
    private readonly evaluate: (() => Value) | null,
  ) {}

  /** Whether it was written at all, whatever its value. */
  get isGiven(): boolean {
    return this.evaluate !== null;
  }

  value(): Value {
    this.known ??= { value: this.evaluate?.() ?? null };
    return this.known.value;
  }

  isNull(): boolean {
    return this.value() === null;
  }

  /** As text; null counts as the empty one. */
  text(): string {
    const text = textOrNull(this.value());
    return text === undefined ? this.refuse('text') : (text ?? '');
  }

  /** As a whole number. @param fallback instead of null; without one null is refused */
  integer(fallback?: bigint): bigint {
    const single = singleOf(this.value());
    if (single === null) return fallback ?? this.refuse('a whole number');
    return integerOf(single) ?? this.refuse('a whole number');
  }

  /** As a date; text is read as `CDate` reads it, and empty text is no date at all. */
  date(): DateTime | null {
    const single = singleOf(this.value());
    if (single instanceof DateTime || single === null) return single;
    if (typeof single !== 'string') return this.refuse('a date');
    return single.trim() === '' ? null : (readAnyDate(single) ?? this.notADate(single));
  }

  /** As a list: null is the empty one, a single value the list of that value. */
  list(): readonly Value[] {
    const value = this.value();
    if (value === null) return [];
    return isList(value) ? value : [value];
  }

  isTrue(): boolean {
    return isTrue(this.value());
  }

  /** One of the parameter's words, in its own spelling. */
  choice(fallback?: string): string {
    const text = this.isNull() && fallback !== undefined ? fallback : this.text();
    const found = this.parameter.oneOf?.find((word) => word.toLowerCase() === text.toLowerCase());
    return found ?? this.fault('bad-value', `${this.named} must be one of ${this.parameter.oneOf?.join(', ')}`);
  }

  /** Fails this argument. */
  fault(code: Fault['code'], message: string): never {
    throw new Fault(code, message, this.at);
  }

  /** `numChars of Left` */
  get named(): string {
    return `${this.parameter.name} of ${this.functionName}`;
  }

  notADate(text: string): never {
    return this.fault('bad-date', `${this.named}: ${JSON.stringify(text.slice(0, 60))} is not a date that can be read`);
  }

  private refuse(expected: string): never {
    const value = this.value();
    return this.fault(value === null ? 'missing-value' : 'wrong-type', `${this.named} must be ${expected}, found ${kindOf(value)}`);
  }
}
