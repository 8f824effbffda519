import {
  Button,
  Field,
  makeStyles,
  MessageBar,
  MessageBarBody,
  SearchBox,
  Subtitle1,
  Switch,
  Text,
  tokens,
} from '@fluentui/react-components';
import type { JobStatusView, PersonStoryView } from '@provident/contracts/http';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';

import { findLog } from '../../api/find-log.js';
import { storyQuery } from '../../api/get-story.js';
import { often } from '../../api/often.js';
import { formatInstant, formatNumber } from '../../shared/format.js';
import { nameOf, useJobs } from '../../shared/job-name.js';
import { goTo, useSearch } from '../../shared/location.js';
import { Page } from '../../shared/page.js';
import { pages } from '../../shared/pages.js';
import { choicesForUnknown, choicesOf } from '../../shared/provision/choices.js';
import { ProvisionButton } from '../../shared/provision/provision-button.js';
import { Empty, Loading, Problem } from '../../shared/states.js';
import { plainOf, unopenedOf } from '../../shared/unopened.js';
import { useMay } from '../../shared/use-may.js';
import { logTexts } from '../../texts/en/log.js';
import { personTexts } from '../../texts/en/person.js';
import { unopenedTexts } from '../../texts/en/unopened.js';
import { AccountCard } from './account-card.js';
import { AsOf, AsOfField } from './as-of.js';
import { PeopleFound, peopleQuery } from './people-found.js';
import { type Account, accountsOf } from './story.js';
import { Timeline } from './timeline.js';

const useStyles = makeStyles({
  form: { display: 'flex', flexWrap: 'wrap', alignItems: 'flex-end', gap: tokens.spacingHorizontalM },
  field: { flex: '1 1 280px', maxWidth: '560px' },
  box: { maxWidth: 'none', width: '100%' },
  cards: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 560px), 1fr))', gap: tokens.spacingHorizontalL },
  heading: { margin: 0 },
  section: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
});

const said = personTexts;

/** Everything about one person, over all jobs. */
export function PersonPage(): ReactElement {
  const styles = useStyles();
  const [{ id = '', at }, change] = useSearch();
  const [shown, show] = useState(id);
  const [typed, setTyped] = useState(id);
  const mayReveal = useMay('secure');
  const [reveals, setReveals] = useState(false);
  if (shown !== id) {
    // Before anything of the other person is asked for: sensitive values are, and are on record, of each person anew.
    show(id);
    setTyped(id);
    setReveals(false);
  }
  const find = (event: FormEvent): void => {
    event.preventDefault();
    if (typed.trim() !== '') goTo(pages.person(typed.trim()));
  };
  return (
    <Page title={said.title} actions={id !== '' && <Provision key={id} id={id} />}>
      <Text>{said.lead}</Text>
      <form className={styles.form} role="search" onSubmit={find}>
        <Field label={said.label} className={styles.field}>
          <SearchBox className={styles.box} value={typed} onChange={(_, { value }) => setTyped(value)} autoComplete="off" />
        </Field>
        <Button type="submit" appearance="primary">
          {said.find}
        </Button>
      </form>
      {typed.trim() !== id && <PeopleFound search={typed} nobody={<Text role="status">{said.nobodyYet}</Text>} />}
      {id !== '' && (
        <div className={styles.form}>
          <AsOfField at={at} change={(instant) => change({ at: instant })} />
          {mayReveal && <RevealSwitch reveals={reveals} change={setReveals} />}
        </div>
      )}
      {id === '' && typed.trim() === '' && <Empty title={said.empty} />}
      {id !== '' && (at === undefined ? <Story key={id} id={id} reveals={reveals} /> : <AsOf id={id} at={at} reveals={reveals} />)}
    </Page>
  );
}

const pageSize = 100;

/** All changes of a person, newest first. */
const useChanges = (id: string) =>
  useInfiniteQuery({
    queryKey: ['person', id],
    queryFn: ({ pageParam, signal }) => findLog({ user: id, limit: pageSize, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: () => often(5_000),
  });

/** By the jobs that know the person; by any when nobody is known whose name or id begins so, since the source may have somebody new. */
function Provision({ id }: { id: string }): ReactElement {
  const jobs = useJobs();
  const { data } = useChanges(id);
  const { data: found } = useQuery(peopleQuery(id));
  const accounts = accountsOf(data?.pages.flatMap((page) => page.entries) ?? []);
  const isUnknown = data !== undefined && accounts.length === 0 && found?.length === 0;
  return <ProvisionButton name={nameIn(accounts) ?? id} choices={isUnknown ? choicesForUnknown(id, jobs) : choicesOf(accounts, jobs)} />;
}

const nameIn = (accounts: readonly Account[]): string | undefined =>
  accounts.find(({ displayName }) => displayName !== null)?.displayName ?? undefined;

/** Sensitive values are shown to whoever may see them and asks for them. */
function RevealSwitch({ reveals, change }: { reveals: boolean; change: (reveals: boolean) => void }): ReactElement {
  return (
    <Field hint={unopenedTexts.revealHint}>
      <Switch label={unopenedTexts.reveal} checked={reveals} onChange={(_, { checked }) => change(checked)} />
    </Field>
  );
}

function Story({ id, reveals }: { id: string; reveals: boolean }): ReactElement {
  const styles = useStyles();
  const jobs = useJobs();
  const { data: story, isPending } = useQuery(storyQuery(id, undefined, reveals));
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useChanges(id);
  // All at once: the values would push down what stands below. Whoever asks for sensitive ones sees the others until those come.
  if (!data || (isPending && !reveals)) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />;
  const entries = data.pages.flatMap((page) => page.entries);
  if (entries.length === 0) return <PeopleFound search={id} nobody={<Unknown id={id} jobs={[...jobs.values()]} />} />;
  const accounts = accountsOf(entries);
  const name = nameIn(accounts) ?? id;
  return (
    <>
      <section className={styles.section}>
        <Subtitle1 as="h2" className={styles.heading}>
          {unopenedOf(name) === 'erased' ? said.accountsOfErased : said.accountsOf(plainOf(name))}
        </Subtitle1>
        {unopenedOf(name) === 'erased' && (
          <MessageBar intent="info" layout="multiline">
            <MessageBarBody>{unopenedTexts.personErased}</MessageBarBody>
          </MessageBar>
        )}
        <div className={styles.cards}>
          {accounts.map((account) => (
            <AccountCard
              key={`${account.jobId} ${account.sourceId ?? account.targetId ?? ''}`}
              account={account}
              job={jobs.get(account.jobId)}
              story={story?.objects.find((each) => isOf(each, account))}
            />
          ))}
        </div>
      </section>
      <section className={styles.section}>
        <Subtitle1 as="h2" className={styles.heading}>
          {said.timeline}
        </Subtitle1>
        <Text>{said.timelineHint}</Text>
        <Timeline entries={entries} jobs={jobs} />
        {!hasNextPage && data.pages[0]?.keptSince !== undefined && (
          <Text>{logTexts.keptSince(formatInstant(data.pages[0].keptSince))}</Text>
        )}
        {hasNextPage && (
          <Button disabledFocusable={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {said.more}
          </Button>
        )}
      </section>
    </>
  );
}

const isOf = ({ jobId, objectType, sourceSide, account }: PersonStoryView['objects'][number], known: Account): boolean =>
  jobId === known.jobId &&
  objectType === known.objectType &&
  (known.sourceId === null ? account.id === known.targetId : sourceSide.id === known.sourceId);

/** Nobody knows this id: how far each job has looked says whether that can change. */
function Unknown({ id, jobs }: { id: string; jobs: readonly JobStatusView[] }): ReactElement {
  return (
    <Empty title={said.unknown(id)}>
      {said.unknownWhy}
      {jobs.map((job) => (
        <span key={job.jobId} style={{ display: 'block' }}>
          {reachSaid(job)}
        </span>
      ))}
    </Empty>
  );
}

function reachSaid(job: JobStatusView): string {
  const { running, lastCycle, state } = job;
  if (running)
    return said.reached.running(nameOf(job), formatNumber(running.tally.read), running.total === null ? '?' : formatNumber(running.total));
  if (state === 'paused') return said.reached.paused(nameOf(job));
  if (state === 'stopped') return said.reached.stopped(nameOf(job));
  if (!lastCycle) return said.reached.never(nameOf(job));
  return said.reached.done(nameOf(job), formatInstant(lastCycle.openedAt), formatNumber(lastCycle.tally.read));
}
