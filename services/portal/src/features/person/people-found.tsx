import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, useDeferredValue } from 'react';

import { findPeople } from '../../api/find-people.js';
import { Link } from '../../shared/link.js';
import { pages } from '../../shared/pages.js';
import { personTexts } from '../../texts/en/person.js';
import { type Somebody, somebodies } from './somebodies.js';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
  quiet: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
});

const atMost = 30;
/** A single letter would find everybody. */
const fewest = 2;
const said = personTexts;

/** Whoever begins like `wanted`; nobody is looked for by a single letter. */
export const peopleQuery = (wanted: string) =>
  queryOptions({
    queryKey: ['people', wanted],
    queryFn: ({ signal }) => findPeople(wanted, atMost, signal),
    enabled: wanted.length >= fewest,
  });

/** Whoever begins like what was typed; `nobody` stands there when there is none. */
export function PeopleFound({ search, nobody = null }: { search: string; nobody?: ReactNode }): ReactElement {
  const styles = useStyles();
  const wanted = useDeferredValue(search.trim());
  const { data } = useQuery({ ...peopleQuery(wanted), placeholderData: keepPreviousData });
  if (wanted.length < fewest || !data) return <></>;
  if (data.length === 0) return <>{nobody}</>;
  return (
    <section aria-label={said.foundLabel}>
      <Text role="status" className={styles.quiet}>
        {said.found(data.length, data.length === atMost)}
      </Text>
      <ul className={styles.list}>
        {somebodies(data).map((person) => (
          <li key={person.id}>
            <Link to={pages.person(person.id)}>{person.name}</Link>{' '}
            <Text size={200} className={styles.quiet}>
              {idsSaid(person)}
            </Text>
          </li>
        ))}
      </ul>
    </section>
  );
}

const idsSaid = ({ matchingValue, id }: Somebody): string => [matchingValue, id].filter((each) => each !== null).join(' · ');
