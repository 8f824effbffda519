import { makeStyles, Subtitle1, Text, tokens } from '@fluentui/react-components';
import type { CycleView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { cyclesQuery } from '../../api/list-cycles.js';
import { DataTable } from '../../shared/data-table.js';
import { formatDuration } from '../../shared/format.js';
import { Instant } from '../../shared/instant.js';
import { Link } from '../../shared/link.js';
import { pages } from '../../shared/pages.js';
import { Empty, Loading, Problem } from '../../shared/states.js';
import { CycleBadge } from '../../shared/status-badge.js';
import { TallyLine } from '../../shared/tally-line.js';
import { texts } from '../../texts/en.js';
import { jobTexts } from '../../texts/en/job.js';
import { DurationChart, OutcomeChart } from './outcome-chart.js';

const useStyles = makeStyles({
  heading: { margin: 0 },
  charts: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 320px), 1fr))',
    gap: tokens.spacingHorizontalXXL,
    marginBlock: tokens.spacingVerticalM,
  },
  caption: { display: 'block', marginBottom: tokens.spacingVerticalS, color: tokens.colorNeutralForeground2 },
});

const shown = 100;
const said = jobTexts;

/** What each cycle did and how long it took. */
export function CyclesTab({ jobId }: { jobId: string }): ReactElement {
  const styles = useStyles();
  const { data, error, refetch } = useQuery(cyclesQuery(jobId, shown));
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />;
  if (data.cycles.length === 0) return <Empty title={said.noCycle} />;
  const longestMs = Math.max(0, ...data.cycles.flatMap((cycle) => durationOf(cycle) ?? []));
  const durations = said.durations(formatDuration(longestMs));
  return (
    <>
      <div className={styles.charts}>
        <div>
          <Text size={200} className={styles.caption}>
            {said.chart}
          </Text>
          <OutcomeChart cycles={data.cycles} height={96} label={said.chart} />
        </div>
        <div>
          <Text size={200} className={styles.caption}>
            {durations}
          </Text>
          <DurationChart cycles={data.cycles} height={96} label={durations} />
        </div>
      </div>
      <Subtitle1 as="h2" className={styles.heading}>
        {said.cyclesTitle}
      </Subtitle1>
      <DataTable
        label={said.cyclesTitle}
        columns={[said.opened, said.kindLabel, said.result, said.duration, said.outcome, said.by, '']}
        rows={data.cycles.map((cycle) => [
          cycle.cycleId,
          <Instant key="at" at={cycle.openedAt} />,
          cycle.drift ? `${texts.kind[cycle.kind]}, ${said.lookedForDrift}` : texts.kind[cycle.kind],
          <div key="result">
            <CycleBadge state={cycle.state} />
            {cycle.failure && <div>{cycle.failure.message}</div>}
          </div>,
          durationOf(cycle) === null ? '' : formatDuration(durationOf(cycle)!),
          <TallyLine key="tally" tally={cycle.tally} />,
          byWhom(cycle),
          <Link key="log" to={pages.log({ job: jobId, since: cycle.openedAt, ...(cycle.closedAt !== null && { until: cycle.closedAt }) })}>
            {said.entries}
          </Link>,
        ])}
      />
    </>
  );
}

const durationOf = ({ openedAt, closedAt }: CycleView): number | null =>
  closedAt === null ? null : Date.parse(closedAt) - Date.parse(openedAt);

const byWhom = ({ by: { kind, name } }: CycleView): string => (kind === 'system' ? (said.byKind[kind] ?? name) : name);
