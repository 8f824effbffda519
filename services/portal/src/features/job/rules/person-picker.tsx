import { Button, Field, makeStyles, SearchBox, Text, tokens } from '@fluentui/react-components';
import type { PersonFound } from '@provident/contracts/http';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, type ReactElement, useRef, useState } from 'react';

import { findPeople } from '../../../api/find-people.js';
import { rulesTexts as said } from '../../../texts/en/rules.js';
import { useSettled } from './use-rules.js';

const useStyles = makeStyles({
  part: { display: 'flex', flexDirection: 'column', alignItems: 'start', gap: tokens.spacingVerticalXS, minWidth: 0 },
  field: { width: '360px', maxWidth: '100%' },
  box: { width: '100%', maxWidth: 'none', minWidth: 0 },
  list: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, listStyleType: 'none', margin: 0, padding: 0 },
});

const atMost = 8;
const lookedAt = 100;
const typingMs = 250;

const toTryQuery = (search: string) =>
  queryOptions({ queryKey: ['people', search, 'to-try'], queryFn: ({ signal }) => findPeople(search, lookedAt, signal) });

interface PersonPickerProps {
  readonly jobId: string;
  readonly objectType: string;
  /** What somebody is chosen for; to try the rules on when it is not said. */
  readonly label?: string;
  readonly choose: (id: string) => void;
}

/** Chooses somebody whom the job knows, by the beginning of a name, or an id as it is typed. */
export function PersonPicker({ jobId, objectType, label = said.tryOn, choose }: PersonPickerProps): ReactElement {
  const styles = useStyles();
  const [typed, setTyped] = useState('');
  const search = useSettled(typed.trim(), typingMs);
  const queries = useQueryClient();
  const { data } = useQuery({ ...toTryQuery(search), enabled: search !== '' });
  const fitting = (people: readonly PersonFound[] = []) =>
    people.filter((each) => each.jobId === jobId && each.objectType === objectType && each.sourceId !== null);
  const found = data && fitting(data).slice(0, atMost);
  const latest = useRef('');
  latest.current = typed.trim();
  /** The first of those whom the text finds that stands there, not of those whom its beginning has found; else the text is an id. */
  const take = async (wanted: string): Promise<void> => {
    const people = await queries.fetchQuery(toTryQuery(wanted)).catch(() => []);
    if (latest.current === wanted) choose(fitting(people)[0]?.sourceId ?? wanted);
  };
  const onKeyDown = ({ key }: KeyboardEvent): void => {
    if (key === 'Enter' && typed.trim() !== '') void take(typed.trim());
  };
  return (
    <div className={styles.part}>
      <Field label={label} hint={said.tryHint} className={styles.field}>
        <SearchBox
          className={styles.box}
          value={typed}
          onChange={(_, { value }) => setTyped(value)}
          onKeyDown={onKeyDown}
          autoComplete="off"
        />
      </Field>
      {found && found.length > 0 && (
        <ul className={styles.list} aria-label={said.found}>
          {found.map(({ sourceId, displayName, matchingValue }) => (
            <li key={sourceId}>
              <Button size="small" onClick={() => choose(sourceId ?? '')}>
                {displayName ?? matchingValue ?? sourceId} ({sourceId})
              </Button>
            </li>
          ))}
        </ul>
      )}
      {found?.length === 0 && <Text role="status">{said.tryNobody}</Text>}
    </div>
  );
}
