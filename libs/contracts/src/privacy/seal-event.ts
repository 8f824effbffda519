import { type AttributeBag, type AttributeValue, type SealClass, type Sealing, parseSealed, textOf } from '@provident/domain';

/** Gives a value its sealed form. */
export type Seal = (value: unknown, sealClass: SealClass) => string;

type Loose = Readonly<Record<string, unknown>>;
type Side = 'source' | 'target';

/** Facts of reasons that hold names of rules and attributes, counts and ids, and no value of anybody. */
const valueFree = new Set([
  'attribute',
  'attributes',
  'filter',
  'clause',
  'others',
  'added',
  'removed',
  'of',
  'over',
  'type',
  'action',
  'targetId',
  'ids',
]);
/** Reasons without facts whose text says no value either. */
const plainReasons = new Set(['redundant-export', 'deleted-at-source', 'never-linked', 'newer-export', 'overtaken', 'values-erased']);
/** Shorter values stand in every text. */
const shortestSought = 3;

/**
 * The data of an event about an object, with the values sealed that its job seals. What is left is the skeleton: who (by id), when, which rule, which
 * attributes, how it went. Values are looked for by the names of the fields that hold them, which mean the same in every event.
 */
export function sealEventData<Data>(data: Data, sealing: Sealing, seal: Seal): Data {
  return new Sealer(sealing, seal).all(data as Loose) as Data;
}

class Sealer {
  /** Sensitive values of this event as they may stand in its texts, and their sealed form. */
  private readonly sensitive = new Map<string, string>();

  constructor(
    private readonly sealing: Sealing,
    private readonly seal: Seal,
  ) {}

  all(data: Loose): Loose {
    const out: Record<string, unknown> = { ...data };
    const change = <Value>(name: string, of: (value: Value) => Value): void => {
      if (out[name] !== undefined && out[name] !== null) out[name] = of(out[name] as Value);
    };
    change<AttributeBag>('attributes', (bag) => this.bag('source', bag));
    change<Loose[]>('matches', (matches) =>
      matches.map((match) => ({ ...match, attributes: this.bag('target', match['attributes'] as AttributeBag) })),
    );
    change<Loose[]>('tried', (tried) => tried.map((each) => this.named(each)));
    change<Loose>('match', (match) => this.named(match));
    change<Loose[]>('changes', (changes) => changes.map((each) => this.named(each)));
    change<string>('displayName', (name) => this.value('source', this.sealing.displayName, name) as string);
    change<Loose>('scope', (scope) => ({ ...scope, clauses: (scope['clauses'] as Loose[]).map((clause) => this.clause(clause)) }));
    change<Loose>('reason', (reason) => this.reason(reason));
    change<Loose>('failure', (failure) => ({
      ...failure,
      message: this.text(failure['message'] as string, failure['attribute'] as string | undefined),
    }));
    change<Loose>('next', (next) => this.all(next));
    return out;
  }

  private bag(side: Side, bag: AttributeBag): AttributeBag {
    return Object.fromEntries(Object.entries(bag).map(([name, value]) => [name, this.value(side, name, value)]));
  }

  /** `{ attribute, value }` or `{ attribute, old, new }`. */
  private named(each: Loose): Loose {
    const attribute = each['attribute'] as string;
    const out: Record<string, unknown> = { ...each };
    for (const key of ['value', 'old', 'new']) if (key in each) out[key] = this.value('target', attribute, each[key] as AttributeValue);
    return out;
  }

  private value(side: Side, attribute: string, value: AttributeValue): AttributeValue {
    // That there is no value is no secret, and what is sealed already, by another stage, stays as it is.
    if (value === null || value === undefined || (typeof value === 'string' && parseSealed(value))) return value;
    const isSensitive = this.sealing[side].has(attribute);
    if (!isSensitive && !this.sealing.all) return value;
    const sealed = this.seal(value, isSensitive ? 's' : 'p');
    const text = textOf(value);
    if (isSensitive && text.length >= shortestSought) this.sensitive.set(text, sealed);
    return sealed;
  }

  private clause(clause: Loose): Loose {
    const rule = clause['clause'] as string;
    const isSensitive = [...this.sealing.source].some((name) => rule.startsWith(`${name} `));
    const actual = clause['actual'] as string;
    if (actual === '' || parseSealed(actual) || (!isSensitive && !this.sealing.all)) return clause;
    if (isSensitive && actual.length >= shortestSought) this.sensitive.set(actual, this.seal(actual, 's'));
    return { ...clause, actual: this.seal(actual, isSensitive ? 's' : 'p') };
  }

  private reason(reason: Loose): Loose {
    const facts = reason['facts'] as Readonly<Record<string, string>> | undefined;
    const isPlain = facts ? Object.keys(facts).every((name) => valueFree.has(name)) : plainReasons.has(reason['code'] as string);
    if (isPlain) return reason;
    const about = facts?.['attribute'];
    const told = facts && Object.entries(facts).map(([name, text]) => [name, valueFree.has(name) ? text : this.text(text, about)]);
    return { ...reason, text: this.text(reason['text'] as string, about), ...(told && { facts: Object.fromEntries(told) as Loose }) };
  }

  /** A text that may repeat values: sealed as a whole where everything is or where it is about a sensitive attribute, else cleaned of what is sensitive. */
  private text(text: string, attribute?: string): string {
    if (text === '' || parseSealed(text)) return text;
    if (attribute !== undefined && this.sealing.target.has(attribute)) return this.seal(text, 's');
    const cleaned = this.cleaned(text);
    return this.sealing.all ? this.seal(cleaned, 'p') : cleaned;
  }

  private cleaned(text: string): string {
    let out = text;
    for (const [value, sealed] of this.sensitive) out = out.replace(new RegExp(escaped(value), 'gi'), () => sealed);
    return out;
  }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Names and matching values in an event, as its person may be looked for, folded: a name from each of its words on, and each word of it.
 * @param data as it is before it is sealed
 */
export function namesIn(data: unknown): string[] {
  const { displayName, match, tried } = data as {
    displayName?: string;
    match?: { value: AttributeValue } | null;
    tried?: readonly { value: AttributeValue }[];
  };
  const values = [match?.value, ...(tried ?? []).map(({ value }) => value)].map((value) => textOf(value)).filter((text) => text !== '');
  return [...new Set([...formsOf(displayName ?? ''), ...values.map(foldedName)])];
}

/** The one form in which names are compared: without case, accents and surplus spaces. */
export const foldedName = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .replace(/\s+/gu, ' ')
    .trim();

const wordsOfName = 4;

function formsOf(name: string): string[] {
  const words = foldedName(name)
    .split(' ')
    .filter((word) => word !== '');
  const some = words.slice(0, wordsOfName);
  return [...some.map((_, start) => [...words.slice(start), ...words.slice(0, start)].join(' ')), ...some];
}
