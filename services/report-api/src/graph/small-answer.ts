import { BadQuery, largestTop } from '@provident/report';

type Entity = Readonly<Record<string, unknown>>;

/** What is asked of one thing, or of a collection that is small and made as a whole. */
export interface SmallQuery {
  /** As they were named; null for all. */
  readonly select: readonly string[] | null;
  readonly top: number;
  readonly skip: number;
  readonly isCounted: boolean;
  /** As they came, for the link to the next page. */
  readonly given: readonly (readonly [name: string, value: string])[];
}

const ofEntity = ['$select'] as const;
const ofCollection = [...ofEntity, '$top', '$skip', '$count'] as const;

/** Names count in any case of letters and without `$`; anything unknown is refused. @throws BadQuery */
export function readSmallQuery(given: Readonly<Record<string, unknown>>, isCollection: boolean): SmallQuery {
  const supported: readonly string[] = isCollection ? ofCollection : ofEntity;
  const options = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) {
    const option = supported.find((each) => each === name.toLowerCase() || each === `$${name.toLowerCase()}`);
    if (option === undefined) throw new BadQuery(name, `this option is not supported here; supported: ${supported.join(', ')}`);
    if (typeof value !== 'string' || options.has(option)) throw new BadQuery(option, 'may be given once');
    options.set(option, value);
  }
  const counted = options.get('$count') ?? 'false';
  if (!/^(true|false)$/i.test(counted)) throw new BadQuery('$count', 'must be true or false');
  return {
    select:
      options
        .get('$select')
        ?.split(',')
        .map((each) => each.trim()) ?? null,
    top: wholeNumber('$top', options.get('$top'), largestTop),
    skip: wholeNumber('$skip', options.get('$skip'), 0),
    isCounted: counted.toLowerCase() === 'true',
    given: [...options],
  };
}

function wholeNumber(option: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  if (!/^\d{1,9}$/.test(text)) throw new BadQuery(option, 'must be a whole number from 0');
  return Number(text);
}

/** What was asked for of an answer, with its context. @throws BadQuery when a member is asked for that there is not */
export function smallAnswer(body: object, query: SmallQuery, { context, link }: { context: string; link: string }): object {
  const { select, top, skip, isCounted } = query;
  const suffix = select === null ? '' : `(${select.join(',')})`;
  // OData names the members before the end of the path.
  const named = context.endsWith('/$entity') ? `${context.slice(0, -'/$entity'.length)}${suffix}/$entity` : `${context}${suffix}`;
  if (!('value' in body) || !Array.isArray(body.value)) return { '@odata.context': named, ...selectedOf(body as Entity, select) };
  const items = body.value as Entity[];
  const shown = items.slice(skip, skip + top).map((item) => selectedOf(item, select));
  // A page of nothing leads nowhere.
  const next = top > 0 && skip + top < items.length ? nextLink(link, query) : null;
  return {
    '@odata.context': named,
    ...(isCounted && { '@odata.count': items.length }),
    ...(next !== null && { '@odata.nextLink': next }),
    value: shown,
  };
}

function nextLink(link: string, { given, skip, top }: SmallQuery): string {
  const options = [...given.filter(([name]) => name !== '$skip'), ['$skip', String(skip + top)] as const];
  return `${link}?${options.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

function selectedOf(item: Entity, select: readonly string[] | null): Entity {
  if (select === null) return item;
  const members = Object.keys(item);
  const chosen = select.map((name) => {
    const member = members.find((each) => each.toLowerCase() === name.toLowerCase());
    if (member === undefined) throw new BadQuery('$select', `unknown member ${JSON.stringify(name)}; supported: ${members.join(', ')}`);
    return member;
  });
  return Object.fromEntries(chosen.map((member) => [member, item[member]]));
}
