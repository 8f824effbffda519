import * as fc from 'fast-check';

/** A filter as text, and what it says in plain code over the JSON that the wire shows. */
export interface GeneratedFilter {
  readonly text: string;
  readonly holds: (item: object) => boolean;
}

/** What may be compared: its path, and values worth comparing with. */
export interface Compared {
  readonly path: string;
  readonly type: 'text' | 'word' | 'number' | 'instant';
  readonly values: readonly (string | number)[];
}

const at = (item: object, path: string): unknown =>
  path.split('/').reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name] ?? null, item);
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const written = ({ type }: Compared, value: string | number): string =>
  type === 'number' || type === 'instant' ? String(value) : quoted(String(value));

const key = (type: Compared['type'], value: unknown): number | string | null =>
  value === null ? null : type === 'instant' ? Date.parse(String(value)) : (value as string | number);

const operators: Record<string, (a: number | string, b: number | string) => boolean> = {
  eq: (a, b) => a === b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
};

const functions: Record<string, (text: string, part: string) => boolean> = {
  contains: (text, part) => text.includes(part),
  startswith: (text, part) => text.startsWith(part),
  endswith: (text, part) => text.endsWith(part),
};

/** Conditions over these properties, joined and negated to some depth. `any` of a collection looks at its elements' members. */
export function odataFilter(
  compared: readonly Compared[],
  collections: readonly { path: string; compared: readonly Compared[] }[] = [],
): fc.Arbitrary<GeneratedFilter> {
  const simple = atom(compared);
  const anyOf = collections.map(({ path, compared: members }) =>
    atom(members, 't/').map(
      ({ text, holds }): GeneratedFilter => ({
        text: `${path}/any(t: ${text})`,
        holds: (item) => (at(item, path) as object[]).some((element) => holds({ t: element })),
      }),
    ),
  );
  const leaf = fc.oneof(...Array.from({ length: 4 }, () => simple), ...anyOf);
  return fc.letrec<{ filter: GeneratedFilter }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.tuple(tie('filter'), tie('filter'), fc.constantFrom('and', 'or', 'AND')).map(
        ([a, b, word]): GeneratedFilter => ({
          text: `(${a.text}) ${word} (${b.text})`,
          holds: (item) => (word === 'or' ? a.holds(item) || b.holds(item) : a.holds(item) && b.holds(item)),
        }),
      ),
      tie('filter').map(({ text, holds }): GeneratedFilter => ({ text: `not (${text})`, holds: (item) => !holds(item) })),
    ),
  })).filter;
}

function atom(compared: readonly Compared[], prefix = ''): fc.Arbitrary<GeneratedFilter> {
  return fc.constantFrom(...compared).chain((property) => {
    const path = prefix + property.path;
    const value = fc.constantFrom(...property.values);
    const comparison = fc
      .tuple(fc.constantFrom(...(property.type === 'text' || property.type === 'word' ? ['eq'] : Object.keys(operators))), value)
      .map(([operator, other]): GeneratedFilter => {
        const holds = (item: object): boolean => {
          const found = key(property.type, at(item, path));
          return found !== null && operators[operator]!(found, key(property.type, other)!);
        };
        return { text: `${path} ${operator} ${written(property, other)}`, holds };
      });
    const unequal = comparison.map(
      ({ text, holds }): GeneratedFilter =>
        / eq /.test(text) ? { text: text.replace(' eq ', ' ne '), holds: (item) => !holds(item) } : { text, holds },
    );
    const membership = fc.array(value, { minLength: 1, maxLength: 3 }).map(
      (values): GeneratedFilter => ({
        text: `${path} in (${values.map((each) => written(property, each)).join(', ')})`,
        holds: (item) => values.some((each) => key(property.type, each) === key(property.type, at(item, path))),
      }),
    );
    const part = value.chain((each) =>
      fc.tuple(fc.nat(String(each).length), fc.nat(6)).map(([from, length]) => String(each).slice(from, from + length)),
    );
    const call = fc.tuple(fc.constantFrom(...Object.keys(functions)), part, fc.boolean()).map(
      ([name, text, folds]): GeneratedFilter => ({
        text: folds ? `${name}(tolower(${path}), ${quoted(text.toLowerCase())})` : `${name}(${path}, ${quoted(text)})`,
        holds: (item) => {
          const found = at(item, path);
          if (found === null) return false;
          return folds ? functions[name]!(String(found).toLowerCase(), text.toLowerCase()) : functions[name]!(String(found), text);
        },
      }),
    );
    const isNull: fc.Arbitrary<GeneratedFilter> = fc.constant({
      text: `${path} eq null`,
      holds: (item: object) => at(item, path) === null,
    });
    const ofText = property.type === 'text' || property.type === 'word' ? [call] : [];
    return fc.oneof(comparison, unequal, membership, isNull, ...ofText);
  });
}
