import { BadQuery } from './bad-query.js';
import type { ObjectsOf } from './find-by-part.js';
import type { Comparison, Condition, Literal, Operand, Path, Predicate } from './filter.js';
import { type Collection, findByPath, type Parameters, type Property, type Resource } from './resource.js';

/** A part of a filter that looks at nothing but the job: a condition, or the path of an `any` for its elements that are the job's. */
export type JobPart = Condition | Path;
/** The ids of the jobs for which such a part holds; undefined for any other part. */
export type JobsOf = (part: JobPart) => readonly string[] | undefined;

/** Paths that are known where a condition stands: those of the resource, or within `any` those of the element. */
interface Scope {
  readonly properties: readonly Property[];
  readonly collections: readonly Collection[];
  /** Of `any`, with its slash. */
  readonly prefix: string;
}

type Any = Condition & { readonly kind: 'any' };

interface Typed {
  readonly sql: string;
  readonly type: Property['type'] | 'null';
  readonly property?: Property;
  readonly literal?: Literal;
}

const symbols: Record<Comparison, string> = { eq: '=', ne: '<>', gt: '>', ge: '>=', lt: '<', le: '<=' };
const sqlTypes = { text: 'text', number: 'double precision', instant: 'timestamptz' } as const;
/** Letters of every script, whatever the database's own locale. */
const folding = 'collate "und-x-icu"';
const functions: Record<Predicate, (text: string, part: string) => string> = {
  contains: (text, part) => `strpos(${text}, ${part}) > 0`,
  startswith: (text, part) => `starts_with(${text}, ${part})`,
  endswith: (text, part) => `right(${text}, length(${part})) = ${part}`,
};

/**
 * A filter as a condition in SQL. Every value of the query travels as a parameter. Comparisons with what has no value do not hold, and their
 * negation does: `ne` is the negation of `eq`.
 * @throws BadQuery for names and types that the resource does not have
 */
export function compileFilter(
  condition: Condition,
  resource: Resource,
  value: Parameters,
  jobsOf: JobsOf,
  objectsOf: ObjectsOf = () => undefined,
): string {
  return new Compiler(resource, value, jobsOf, objectsOf).condition(condition, { ...resource, prefix: '' });
}

/** The parts of a filter that look at nothing but the job, each as SQL over the row of `job`. */
export function jobConditions(condition: Condition, resource: Resource, value: Parameters): Map<JobPart, string> {
  const scope = { properties: resource.properties.filter(({ isOfJob }) => isOfJob), collections: [], prefix: '' };
  const compiler = new Compiler(
    resource,
    value,
    () => undefined,
    () => undefined,
  );
  const found = new Map<JobPart, string>();
  const visit = (part: Condition): void => {
    if (part.kind === 'and' || part.kind === 'or') for (const each of part.conditions) visit(each);
    else if (part.kind === 'not') visit(part.condition);
    else if (part.kind === 'any') {
      const element = findByPath(resource.collections, part.path.path)?.parts.find((each) => each.isOfJob);
      if (element) found.set(part.path, compiler.element(part, element));
    } else if (isOfJob(part, scope)) found.set(part, compiler.condition(part, scope));
  };
  visit(condition);
  return found;
}

function isOfJob(condition: Condition, { properties }: Scope): boolean {
  const isKnown = (operand: Operand): boolean =>
    operand.kind === 'text' ? isKnown(operand.argument) : operand.kind === 'path' && findByPath(properties, operand.path) !== undefined;
  if (condition.kind === 'in') return isKnown(condition.operand);
  if (condition.kind === 'call') return isKnown(condition.text) && condition.part.kind === 'literal';
  return (
    condition.kind === 'compare' &&
    (isKnown(condition.left) || isKnown(condition.right)) &&
    !(isPath(condition.left) && isPath(condition.right))
  );
}

const isPath = (operand: Operand): boolean => operand.kind === 'path' || (operand.kind === 'text' && isPath(operand.argument));

class Compiler {
  constructor(
    private readonly resource: Resource,
    private readonly value: Parameters,
    private readonly jobsOf: JobsOf,
    private readonly objectsOf: ObjectsOf,
  ) {}

  condition(condition: Condition, scope: Scope): string {
    const jobs = this.jobsOf(condition);
    if (jobs) return this.ofJobs(jobs);
    switch (condition.kind) {
      case 'and':
      case 'or':
        return `(${condition.conditions.map((part) => this.condition(part, scope)).join(` ${condition.kind} `)})`;
      case 'not':
        return `(${this.condition(condition.condition, scope)}) is not true`;
      case 'compare':
        return this.comparison(condition, scope);
      case 'in':
        return `(${condition.values.map((right) => this.comparison({ ...condition, operator: 'eq', left: condition.operand, right }, scope)).join(' or ')})`;
      case 'call':
        return this.call(condition, scope);
      case 'any':
        return this.any(condition, scope);
    }
  }

  private call(call: Condition & { readonly kind: 'call' }, scope: Scope): string {
    const exact = functions[call.name](this.text(call.text, scope), this.text(call.part, scope));
    const objects = this.objectsOf(call);
    if (!objects || !this.resource.ofObjects) return exact;
    if (objects.length === 0) return `(${exact} and false)`;
    const list = (values: readonly string[]): string => `${this.value(values)}::text[]`;
    return `(${exact} and ${this.resource.ofObjects(list(objects.map(({ job_id }) => job_id)), list(objects.map(({ object_key }) => object_key)))})`;
  }

  private ofJobs(jobs: readonly string[]): string {
    const { job } = this.resource;
    if (jobs.length === 0) return 'false';
    return jobs.length === 1 ? `${job} = ${this.value(jobs[0])}` : `${job} = any (${this.value(jobs)}::text[])`;
  }

  private comparison(
    { operator, left, right, at }: { operator: Comparison; left: Operand; right: Operand; at: number },
    scope: Scope,
  ): string {
    if (operator === 'ne') return `(${this.comparison({ operator: 'eq', left, right, at }, scope)}) is not true`;
    const [one, other] = this.typed(left, right, scope);
    if (one.type === 'null' || other.type === 'null') return nullComparison(operator, one, other, at);
    if (one.type !== other.type) throw mismatch(one, other, at);
    if (operator !== 'eq' && one.type === 'text')
      throw new BadQuery(
        '$filter',
        `${operator} compares numbers and instants; for texts there are eq, ne, in, contains, startswith, endswith`,
        at,
      );
    // What has no value equals only what has none either.
    if (operator === 'eq' && !one.literal && !other.literal) return `${one.sql} is not distinct from ${other.sql}`;
    const exact = `${one.sql} ${symbols[operator]} ${other.sql}`;
    const hint = operator === 'eq' ? (this.implied(one, other) ?? this.implied(other, one)) : null;
    return hint === null ? exact : `(${exact} and ${hint})`;
  }

  private implied({ property }: Typed, { literal }: Typed): string | null {
    return literal?.type === 'text' ? (property?.implies?.(String(literal.value), this.value) ?? null) : null;
  }

  /** Both sides; the text beside an enumeration is read as one of its words. */
  private typed(left: Operand, right: Operand, scope: Scope): [Typed, Typed] {
    const property = [left, right].flatMap((side) => (side.kind === 'path' ? this.property(side, scope) : [])).find(({ values }) => values);
    const side = (operand: Operand): Typed =>
      property && operand.kind === 'literal' && operand.type === 'text' ? wordOf(property, operand) : this.operand(operand, scope);
    return [side(left), side(right)];
  }

  private operand(operand: Operand, scope: Scope): Typed {
    if (operand.kind === 'text') {
      const argument = this.text(operand.argument, scope);
      return { sql: `${operand.name === 'tolower' ? 'lower' : 'upper'}(${argument} ${folding})`, type: 'text' };
    }
    if (operand.kind === 'path') {
      const property = this.property(operand, scope);
      const sql = property.isOfJob && scope.collections === this.resource.collections ? ofRow(property, this.resource) : property.sql;
      return { sql, type: property.type, property };
    }
    if (operand.type === 'null') return { sql: 'null', type: 'null', literal: operand };
    if (operand.type === 'boolean') throw new BadQuery('$filter', 'no property here is true or false', operand.at);
    return { sql: `${this.value(operand.value)}::${sqlTypes[operand.type]}`, type: operand.type, literal: operand };
  }

  private text(operand: Operand, scope: Scope): string {
    const { sql, type } = this.operand(operand, scope);
    if (type !== 'text')
      throw new BadQuery('$filter', 'a text was expected here: a property of type text or a value in single quotes', operand.at);
    return sql;
  }

  private property({ path, at }: { path: string; at: number }, { properties, prefix }: Scope): Property {
    const found = path.toLowerCase().startsWith(prefix.toLowerCase()) && findByPath(properties, path.slice(prefix.length));
    if (found) return found;
    throw new BadQuery('$filter', `unknown property ${path}; supported: ${properties.map((known) => prefix + known.path).join(', ')}`, at);
  }

  private any(any: Any, scope: Scope): string {
    const { path, at } = any;
    const collection = findByPath(scope.collections, path.path);
    if (!collection) {
      const known = scope.collections.map((each) => each.path).join(', ');
      throw new BadQuery('$filter', `${path.path} is no collection that any looks into; supported: ${known || 'none here'}`, at);
    }
    return `(${collection.parts.map((part) => (part.isOfJob ? this.ofJobs(this.jobsOf(path) ?? []) : this.element(any, part))).join(' or ')})`;
  }

  /** Whether one of these elements is there, and the condition holds for it. */
  element({ variable, condition }: Any, { exists, from, properties }: Collection['parts'][number]): string {
    const within = { properties, collections: [], prefix: `${variable}/` };
    const holds = condition === null ? exists : `${exists} and ${this.condition(condition, within)}`;
    return from === undefined ? `(${holds})` : `exists (select from ${from} where ${holds})`;
  }
}

function wordOf({ path, values = [] }: Property, literal: Literal): Typed {
  const word = values.find((each) => each.toLowerCase() === String(literal.value).toLowerCase());
  if (word === undefined)
    throw new BadQuery('$filter', `${path} is never ${JSON.stringify(literal.value)}; it is one of ${values.join(', ')}`, literal.at);
  return { sql: `'${word}'`, type: 'text', literal };
}

/** Where a property of the job stands beside one of the row. */
const ofRow = ({ sql }: Property, { job }: Resource): string => `(select ${sql} from job where job.job_id = ${job})`;

function nullComparison(operator: Comparison, one: Typed, other: Typed, at: number): string {
  if (operator !== 'eq') throw new BadQuery('$filter', 'null can only be compared by eq and ne', at);
  return `${one.type === 'null' ? other.sql : one.sql} is null`;
}

function mismatch(one: Typed, other: Typed, at: number): BadQuery {
  const property = one.property ?? other.property;
  const literal = one.literal ?? other.literal;
  const wanted = {
    text: "a text in single quotes, such as 'abc'",
    number: 'a number',
    instant: 'an instant without quotes, such as 2026-03-02T09:00:00Z',
  };
  const problem = property
    ? `${property.path} is compared with ${wanted[property.type]}`
    : 'both sides of a comparison must be of one type';
  return new BadQuery('$filter', problem, literal?.at ?? at);
}
