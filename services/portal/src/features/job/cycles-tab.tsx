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
import { OutcomeChart } from './outcome-chart.js';

const useStyles = makeStyles({
  heading: { margin: 0 },
  chart: { marginBlock: tokens.spacingVerticalM },
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
  return (
    <>
      <div className={styles.chart}>
        <Text size={200} className={styles.caption}>
          {said.chart}
        </Text>
        <OutcomeChart cycles={data.cycles} height={96} label={said.chart} />
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
          cycle.closedAt === null ? '' : formatDuration(Date.parse(cycle.closedAt) - Date.parse(cycle.openedAt)),
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

const byWhom = ({ by: { kind, name } }: CycleView): string => (kind === 'system' ? (said.byKind[kind] ?? name) : name);
