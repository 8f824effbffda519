import { type Call, type Expression, comparisonOperators } from './expression.js';
import type { ExpressionIssue } from './expression-issue.js';

export const longestExpression = 10_000;
export const deepestNesting = 64;

/** The tree of a text, or the first place at which it is none. */
export type ParsedExpression =
  | { readonly expression: Call; readonly issue?: never }
  | { readonly issue: ExpressionIssue; readonly expression?: never };

/**
 * Reads an expression: one function call, with calls, `[attributes]`, `"texts"`, whole numbers, `True` and `False`, and keywords as its
 * arguments. Only the form is looked at here; names, numbers of arguments and their types are `checkExpression`'s.
 *
 * Decided where the reference is silent:
 * - An attribute's name may hold brackets in pairs: `[emails[type eq "work"].value]`.
 * - In a text a backslash stands only before a backslash or a double quote; any other is a mistake, most often a pattern's backslash that was
 *   not doubled.
 * - There is no operator `&`, and numbers are whole.
 */
export function parseExpression(text: string): ParsedExpression {
  try {
    return { expression: new Reader(text).whole() };
  } catch (error) {
    if (error instanceof Unreadable) return { issue: { at: error.at, message: error.message } };
    throw error;
  }
}

class Unreadable extends Error {
  constructor(
    readonly at: number,
    message: string,
  ) {
    super(message);
  }
}

const space = /\s*/y;
const word = /\p{L}[\p{L}\p{Nd}_]*/uy;
const hexadecimal = /&[hH][0-9a-fA-F]+/y;
const decimal = /-?\d+/y;
const operand = 'a function, an [attribute], a "text" or a number';

class Reader {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  whole(): Call {
    if (this.text.length > longestExpression) this.refuse(`an expression has at most ${longestExpression} characters`, longestExpression);
    this.skipSpace();
    const start = this.at;
    const expression = this.operand();
    if (expression.kind !== 'call') this.refuse(notACall(expression), start);
    this.skipSpace();
    if (this.at < this.text.length) this.refuse(`expected the end of the expression${this.hint()}`);
    return expression;
  }

  private call(name: string, at: number): Call {
    this.at++;
    if (++this.depth > deepestNesting) this.refuse(`functions are nested more than ${deepestNesting} deep`, at);
    const args = this.takes(')') ? [] : this.args(name);
    this.depth--;
    return { kind: 'call', name, args, at };
  }

  private args(name: string): Expression[] {
    const args = [this.argument()];
    while (this.takes(',')) args.push(this.argument());
    if (this.takes(')')) return args;
    const expected = this.at < this.text.length ? 'a comma or a closing parenthesis' : 'a closing parenthesis';
    return this.refuse(`expected ${expected} of ${name}${this.hint()}`);
  }

  private argument(): Expression {
    this.skipSpace();
    if (this.sees(',') || this.sees(')')) return { kind: 'omitted', at: this.at };
    const left = this.operand();
    this.skipSpace();
    const operator = [...comparisonOperators].sort((one, other) => other.length - one.length).find((sign) => this.sees(sign));
    if (!operator) return left;
    this.at += operator.length;
    this.skipSpace();
    return { kind: 'comparison', operator, left, right: this.operand(), at: left.at };
  }

  private operand(): Expression {
    const at = this.at;
    if (this.sees('"')) return { kind: 'text', value: this.quoted(), at };
    if (this.sees('[')) return { kind: 'attribute', name: this.bracketed(), at };
    const hex = this.match(hexadecimal);
    if (hex !== null) return { kind: 'number', value: BigInt(`0x${hex.slice(2)}`), at };
    const digits = this.match(decimal);
    if (digits !== null) return { kind: 'number', value: this.wholeNumber(digits), at };
    const name = this.match(word);
    if (name === null) return this.refuse(`expected ${operand}${this.hint()}`);
    this.skipSpace();
    if (this.sees('(')) return this.call(name, at);
    const lower = name.toLowerCase();
    return lower === 'true' || lower === 'false' ? { kind: 'boolean', value: lower === 'true', at } : { kind: 'keyword', name, at };
  }

  private wholeNumber(digits: string): bigint {
    if (this.sees('.')) this.refuse('numbers are whole: expected no decimal point');
    return BigInt(digits);
  }

  private quoted(): string {
    const start = this.at++;
    let value = '';
    for (; this.at < this.text.length; this.at++) {
      const sign = this.text[this.at]!;
      if (sign === '"') return this.after(value);
      if (sign !== '\\') value += sign;
      else value += this.escaped();
    }
    return this.refuse('expected a closing double quote of this text', start);
  }

  private escaped(): string {
    const sign = this.text[++this.at];
    if (sign === '\\' || sign === '"') return sign;
    return this.refuse('expected a backslash or a double quote after this backslash; to mean a backslash, write two', this.at - 1);
  }

  private bracketed(): string {
    const start = this.at;
    let open = 0;
    for (; this.at < this.text.length; this.at++) {
      if (this.sees('[')) open++;
      if (this.sees(']') && --open === 0) break;
    }
    if (open > 0) this.refuse('expected a closing bracket of this attribute', start);
    const name = this.text.slice(start + 1, this.at);
    if (name === '') this.refuse('expected the name of an attribute', start);
    return this.after(name);
  }

  private after<Value>(value: Value): Value {
    this.at++;
    return value;
  }

  private takes(sign: string): boolean {
    this.skipSpace();
    if (!this.sees(sign)) return false;
    this.at += sign.length;
    return true;
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [];
    if (found === undefined) return null;
    this.at += found.length;
    return found;
  }

  private sees(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  private skipSpace(): void {
    this.match(space);
  }

  /** Says more where somebody expected what other languages have. */
  private hint(): string {
    if (this.sees("'") || this.sees('“') || this.sees('„')) return '; texts stand in straight double quotes: "text"';
    if (this.sees('&')) return '; there is no operator &: use Join or Append';
    return /^(and|or)\b/i.test(this.text.slice(this.at)) ? '; there is no AND and no OR: nest IIF' : '';
  }

  private refuse(message: string, at = this.at): never {
    throw new Unreadable(at, message);
  }
}

function notACall({ kind }: Expression): string {
  if (kind === 'attribute') return 'expected a function; an attribute alone is what "source" is for';
  return `expected a function; ${kind === 'keyword' ? 'its arguments stand in parentheses' : 'a fixed value is what "constant" is for'}`;
}
