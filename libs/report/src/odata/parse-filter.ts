import { BadQuery } from './bad-query.js';
import {
  type Comparison,
  comparisons,
  type Condition,
  type Literal,
  type Operand,
  type Predicate,
  predicates,
  type TextFunction,
  textFunctions,
} from './filter.js';
import { readTokens, type Token } from './read-tokens.js';

export const longestFilter = 4_000;
export const deepestNesting = 30;
export const mostValues = 200;

/**
 * Reads a `$filter`, percent-decoded. Names of properties and their types are looked at when it is compiled for a resource.
 * Words of the language count in any case of letters.
 * @throws BadQuery
 */
export function parseFilter(text: string): Condition {
  if (text.length > longestFilter) throw new BadQuery('$filter', `has ${text.length} characters; at most ${longestFilter} are taken`);
  return new Reader(readTokens(text)).whole();
}

const supported = `operators and, or, not, in, ${comparisons.join(', ')}; functions ${[...predicates, ...textFunctions].join(', ')}; any on collections`;
const isOneOf = <Word extends string>(words: readonly Word[], text: string): text is Word => (words as readonly string[]).includes(text);

class Reader {
  private next = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Condition {
    const condition = this.either();
    if (this.token.kind !== 'end')
      this.refuse(`${JSON.stringify(this.token.text)} is not understood between two conditions; supported: ${supported}`);
    return condition;
  }

  private either(): Condition {
    return this.chain('or', () => this.chain('and', () => this.negated()));
  }

  private chain(kind: 'and' | 'or', part: () => Condition): Condition {
    const { at } = this.token;
    const conditions = [part()];
    while (this.takesWord(kind)) conditions.push(part());
    return conditions.length === 1 ? conditions[0]! : { kind, conditions, at };
  }

  private negated(): Condition {
    const { at } = this.token;
    if (!this.takesWord('not')) return this.condition();
    return this.deeper(() => ({ kind: 'not', condition: this.negated(), at }));
  }

  private condition(): Condition {
    const { at } = this.token;
    if (this.takes('(')) {
      const inner = this.deeper(() => this.either());
      this.expect(')');
      return this.comparedToTruth(inner);
    }
    const word = this.token.text.toLowerCase();
    if (this.token.kind === 'name' && this.following.text === '(') {
      if (isOneOf(predicates, word)) return this.comparedToTruth(this.predicate(word, at));
      if (/\/any$/i.test(word)) return this.any(at);
      if (!isOneOf(textFunctions, word))
        this.refuse(`the function ${this.token.text} is not supported; supported: ${[...predicates, ...textFunctions].join(', ')}, any`);
    }
    return this.comparison(this.operand(), at);
  }

  /** `contains(…) eq true` says the same as `contains(…)`. */
  private comparedToTruth(condition: Condition): Condition {
    const { at } = this.token;
    const operator = this.token.text.toLowerCase();
    if (operator !== 'eq' && operator !== 'ne') return condition;
    this.next++;
    const { literal } = this.token;
    if (literal?.type !== 'boolean') this.refuse('a condition can only be compared with true or false');
    this.next++;
    return literal.value === (operator === 'eq') ? condition : { kind: 'not', condition, at };
  }

  private comparison(left: Operand, at: number): Condition {
    const operator = this.token.text.toLowerCase();
    if (this.token.kind === 'name' && operator === 'in') return this.membership(left, at);
    if (this.token.kind !== 'name' || !isOneOf<Comparison>(comparisons, operator)) {
      const found = this.token.kind === 'end' ? 'the end' : JSON.stringify(this.token.text);
      return this.refuse(`a comparison was expected, found ${found}; supported: ${comparisons.join(', ')}, in`);
    }
    this.next++;
    return { kind: 'compare', operator, left, right: this.operand(), at };
  }

  private membership(operand: Operand, at: number): Condition {
    this.next++;
    this.expect('(');
    const values: Literal[] = [];
    do values.push(this.literal());
    while (this.takes(','));
    this.expect(')');
    if (values.length > mostValues) throw new BadQuery('$filter', `"in" takes at most ${mostValues} values`, at);
    return { kind: 'in', operand, values, at };
  }

  private predicate(name: Predicate, at: number): Condition {
    this.next += 2;
    const text = this.operand();
    this.expect(',');
    const part = this.operand();
    this.expect(')');
    return { kind: 'call', name, text, part, at };
  }

  private any(at: number): Condition {
    const path = { kind: 'path', path: this.token.text.replace(/\/any$/i, ''), at } as const;
    this.next += 2;
    if (this.takes(')')) return { kind: 'any', path, variable: '', condition: null, at };
    if (this.token.kind !== 'name' || this.token.text.includes('/')) this.refuse('a variable was expected, such as in any(x: x/id eq …)');
    const variable = this.token.text;
    this.next++;
    this.expect(':');
    const condition = this.deeper(() => this.either());
    this.expect(')');
    return { kind: 'any', path, variable, condition, at };
  }

  private operand(): Operand {
    const { kind, text, at, literal } = this.token;
    if (literal) return this.literal();
    if (kind !== 'name')
      return this.refuse(`a property or a value was expected, found ${kind === 'end' ? 'the end' : JSON.stringify(text)}`);
    this.next++;
    if (!this.takes('(')) return { kind: 'path', path: text, at };
    const name = text.toLowerCase();
    if (!isOneOf<TextFunction>(textFunctions, name))
      throw new BadQuery('$filter', `${text} gives no value to compare; supported: ${textFunctions.join(', ')}`, at);
    const argument = this.deeper(() => this.operand());
    this.expect(')');
    return { kind: 'text', name, argument, at };
  }

  private literal(): Literal {
    const { literal } = this.token;
    if (!literal) return this.refuse('a value was expected: a text in single quotes, a number, an instant, true, false or null');
    this.next++;
    return literal;
  }

  private deeper<Part>(read: () => Part): Part {
    if (++this.depth > deepestNesting) this.refuse(`is nested more than ${deepestNesting} deep`);
    const part = read();
    this.depth--;
    return part;
  }

  private get token(): Token {
    return this.tokens[this.next]!;
  }

  private get following(): Token {
    return this.tokens[Math.min(this.next + 1, this.tokens.length - 1)]!;
  }

  private takesWord(word: string): boolean {
    if (this.token.kind !== 'name' || this.token.text.toLowerCase() !== word) return false;
    this.next++;
    return true;
  }

  private takes(sign: string): boolean {
    if (this.token.kind !== 'sign' || this.token.text !== sign) return false;
    this.next++;
    return true;
  }

  private expect(sign: string): void {
    if (!this.takes(sign))
      this.refuse(`"${sign}" was expected, found ${this.token.kind === 'end' ? 'the end' : JSON.stringify(this.token.text)}`);
  }

  private refuse(problem: string): never {
    throw new BadQuery('$filter', problem, this.token.at);
  }
}
