import { Button, Card, Field, Input, makeStyles, Subtitle1, Subtitle2, Text, tokens } from '@fluentui/react-components';
import type { PersonStoryView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { storyQuery } from '../../api/get-story.js';
import { DataTable } from '../../shared/data-table.js';
import { Value } from '../../shared/entry/changes-table.js';
import { Steps } from '../../shared/entry/steps.js';
import { FactList } from '../../shared/fact-list.js';
import { formatInstant } from '../../shared/format.js';
import { Instant } from '../../shared/instant.js';
import { nameOf, useJobs } from '../../shared/job-name.js';
import { Link } from '../../shared/link.js';
import { fromLocalField, toLocalField } from '../../shared/local-field.js';
import { pages } from '../../shared/pages.js';
import { Empty, Loading, Problem } from '../../shared/states.js';
import { texts } from '../../texts/en.js';
import { personTexts } from '../../texts/en/person.js';
import { detailsTexts } from '../../texts/en/details.js';
import { logTexts } from '../../texts/en/log.js';
import { asOfTexts as said } from '../../texts/en/as-of.js';
import { plainOf } from '../../shared/unopened.js';
import { SideBySide } from './side-by-side-table.js';

const useStyles = makeStyles({
  line: { display: 'flex', flexWrap: 'wrap', alignItems: 'start', gap: tokens.spacingHorizontalM },
  beside: { marginTop: '26px' }, // the height of the label
  part: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, minWidth: 0 },
  heading: { margin: 0 },
  pair: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 380px), 1fr))', gap: tokens.spacingHorizontalXL },
});

/** Chooses the instant as of which a person is shown. */
export function AsOfField({ at, change }: { at: string | undefined; change: (at: string | undefined) => void }): ReactElement {
  const styles = useStyles();
  return (
    <div className={styles.line}>
      <Field label={said.label} hint={said.hint}>
        <Input type="datetime-local" value={toLocalField(at)} onChange={(_, { value }) => change(fromLocalField(value))} />
      </Field>
      {at !== undefined && (
        <Button className={styles.beside} onClick={() => change(undefined)}>
          {said.clear}
        </Button>
      )}
    </div>
  );
}

type InJob = PersonStoryView['objects'][number];

/** One person over all jobs as the log knew them at a past instant. */
export function AsOf({ id, at, reveals }: { id: string; at: string; reveals: boolean }): ReactElement {
  const styles = useStyles();
  const { data, error, refetch } = useQuery(storyQuery(id, at, reveals));
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />;
  const kept = data.keptSince === undefined ? null : <Text role="note">{said.keptSince(formatInstant(data.keptSince))}</Text>;
  if (data.objects.length === 0) return <Empty title={said.nothing(id, formatInstant(at))}>{kept}</Empty>;
  return (
    <section className={styles.part}>
      <Text role="status">{said.lead(formatInstant(at))}</Text>
      {kept}
      {data.objects.map((object) => (
        <StoryInJob key={`${object.jobId} ${object.objectKey}`} object={object} at={at} />
      ))}
    </section>
  );
}

function StoryInJob({ object, at }: { object: InJob; at: string }): ReactElement {
  const styles = useStyles();
  const jobs = useJobs();
  const { jobId, target, sourceSide, account, inScope, isInEscrow, asOf, changes, isCut, displayName } = object;
  const job = jobs.get(jobId);
  const yes = (is: boolean): string => (is ? texts.common.yes : texts.common.no);
  return (
    <Card role="region" aria-label={job ? nameOf(job) : jobId}>
      <Subtitle1 as="h2" className={styles.heading}>
        <Link to={pages.job(jobId)}>{job ? nameOf(job) : jobId}</Link>
      </Subtitle1>
      <FactList
        facts={[
          [logTexts.column.name, plainOf(displayName ?? texts.common.none)],
          [logTexts.column.sourceId, `${sourceSide.id ?? texts.common.none}${sourceSide.isDeleted ? ` (${said.gone})` : ''}`],
          [
            said.account_,
            account.id === null ? personTexts.noAccount : `${account.id} (${target}${account.isLinked ? `, ${said.linked}` : ''})`,
          ],
          [said.inScope, inScope === null ? said.unknown : yes(inScope)],
          [said.escrow, yes(isInEscrow)],
          [said.newest, <Instant key="at" at={asOf.at} />],
        ]}
      />
      {job && <SideBySide object={object} job={job} at={at} />}
      <div className={styles.pair}>
        <Values label={said.sourceValues} column={said.attribute} values={sourceSide.attributes} />
        <Values label={said.accountValues} column={said.target} values={account.attributes} />
      </div>
      <Subtitle2 as="h3" className={styles.heading}>
        {said.changes}
      </Subtitle2>
      {changes.map(({ changeId, endedAt, steps }) => (
        <details key={changeId}>
          <summary>
            <Instant at={endedAt} /> · {steps.at(-1)?.text}
          </summary>
          <Steps steps={steps} />
        </details>
      ))}
      {isCut && <Text>{said.cut}</Text>}
    </Card>
  );
}

function Values({ label, column, values }: { label: string; column: string; values: Readonly<Record<string, unknown>> }): ReactElement {
  const styles = useStyles();
  const entries = Object.entries(values).sort(([one], [other]) => one.localeCompare(other));
  return (
    <div className={styles.part}>
      <Subtitle2 as="h3" className={styles.heading}>
        {label}
      </Subtitle2>
      {entries.length === 0 ? (
        <Text>{said.noValues}</Text>
      ) : (
        <DataTable
          label={label}
          columns={[column, detailsTexts.value]}
          rows={entries.map(([name, value]) => [name, name, <Value key="value" value={value} />])}
        />
      )}
    </div>
  );
}
