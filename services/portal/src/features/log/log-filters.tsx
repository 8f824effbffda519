import { Button, Field, Input, makeStyles, SearchBox, Select, tokens } from '@fluentui/react-components';
import type { JobStatusView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { nameOf } from '../../shared/job-name.js';
import type { Search } from '../../shared/location.js';
import { fromLocalField, toLocalField } from '../../shared/local-field.js';
import { useTyped } from '../../shared/use-typed.js';
import { texts } from '../../texts/en.js';
import { logTexts } from '../../texts/en/log.js';
import { activities, filterNames, rangeOf, statuses } from './filters.js';

const useStyles = makeStyles({
  filters: { display: 'flex', flexWrap: 'wrap', alignItems: 'flex-end', gap: tokens.spacingHorizontalM, rowGap: tokens.spacingVerticalS },
  wide: { flex: '1 1 260px', maxWidth: '420px', '@media (max-width: 720px)': { maxWidth: 'none' } },
  search: { maxWidth: 'none', width: '100%' },
  one: { '@media (max-width: 720px)': { flex: '1 1 130px' } },
  narrow: { minWidth: 0 },
});

interface LogFiltersProps {
  readonly search: Search;
  readonly change: (changes: Readonly<Record<string, string | undefined>>) => void;
  readonly jobs: ReadonlyMap<string, JobStatusView>;
}

const said = logTexts;
const typingMs = 350;

/** What is asked of the log; all of it stands in the address. */
export function LogFilters({ search, change, jobs }: LogFiltersProps): ReactElement {
  const styles = useStyles();
  const range = rangeOf(search);
  const chosen = (name: string, label: string, all: string, options: readonly (readonly [value: string, text: string])[]): ReactElement => (
    <Field label={label} className={styles.one}>
      <Select className={styles.narrow} value={search[name] ?? ''} onChange={(_, { value }) => change({ [name]: value })}>
        <option value="">{all}</option>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </Select>
    </Field>
  );
  const time = (name: 'since' | 'until'): ReactElement => (
    <Field label={said[name]} className={styles.one}>
      <Input
        type="datetime-local"
        value={toLocalField(search[name])}
        onChange={(_, { value }) => change({ [name]: fromLocalField(value), range: 'custom' })}
      />
    </Field>
  );
  return (
    <div role="search" className={styles.filters}>
      <PersonField user={search['user'] ?? ''} change={change} />
      {chosen(
        'job',
        said.job,
        said.allJobs,
        [...jobs.values()].map((job) => [job.jobId, nameOf(job)] as const),
      )}
      {chosen(
        'status',
        said.status,
        said.allStatuses,
        statuses.map((status) => [status, texts.entryStatus[status]] as const),
      )}
      {chosen(
        'activity',
        said.activity,
        said.allActivities,
        activities.map((each) => [each, texts.activity[each]] as const),
      )}
      <Field label={said.range} className={styles.one}>
        <Select
          className={styles.narrow}
          value={range}
          onChange={(_, { value }) => change({ range: value, ...(value !== 'custom' && { since: undefined, until: undefined }) })}
        >
          {['', '1h', '24h', '7d', '30d', 'custom'].map((value) => (
            <option key={value} value={value}>
              {said.ranges[value]}
            </option>
          ))}
        </Select>
      </Field>
      {range === 'custom' && time('since')}
      {range === 'custom' && time('until')}
      {filterNames.some((name) => search[name]) && (
        <Button appearance="subtle" onClick={() => change(Object.fromEntries(filterNames.map((name) => [name, undefined])))}>
          {said.clear}
        </Button>
      )}
    </div>
  );
}

/** Asks once the typing pauses, not at every letter. */
function PersonField({ user, change }: { user: string; change: LogFiltersProps['change'] }): ReactElement {
  const styles = useStyles();
  const [typed, type] = useTyped(user, (text) => change({ user: text }), typingMs);
  return (
    <Field label={said.search} className={styles.wide}>
      <SearchBox className={styles.search} value={typed} placeholder={said.searchHint} onChange={(_, { value }) => type(value)} />
    </Field>
  );
}
