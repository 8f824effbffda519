import { Button, Field, Input, makeStyles, MessageBar, MessageBarBody, Select, Subtitle1, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { z } from 'zod';

import { IssueList } from '../../shared/issue-list.js';
import { NotAllowed } from '../../shared/not-allowed.js';
import { type Revision, revisionsQuery } from '../../shared/revisions.js';
import { Problem } from '../../shared/states.js';
import { useJobCheck } from '../../shared/use-job-check.js';
import { useMay } from '../../shared/use-may.js';
import { driftTexts as said } from '../../texts/en/drift.js';

const useStyles = makeStyles({
  heading: { margin: 0 },
  row: { display: 'flex', flexWrap: 'wrap', alignItems: 'start', gap: tokens.spacingHorizontalM },
  apply: { marginTop: '26px' },
  mode: { maxWidth: '100%' },
  select: { minWidth: 0 },
  every: { maxWidth: '320px' },
});

type Mode = keyof typeof said.modes;
const usual = { every: '7d', mode: 'report' } as const;
const Schedule = z.looseObject({
  drift: z.object({ every: z.string().default(usual.every), mode: z.enum(['report', 'repair']).default(usual.mode) }).optional(),
});

/** What the job's schedule says of looking for drift: shown, and changed as a new revision of the job. */
export function DriftSchedule({ jobId, revision }: { jobId: string; revision: number }): ReactElement | null {
  const styles = useStyles();
  const { data } = useQuery(revisionsQuery(jobId, revision));
  const [latest] = data ?? [];
  if (!latest) return null;
  return (
    <>
      <Subtitle1 as="h2" className={styles.heading}>
        {said.scheduleTitle}
      </Subtitle1>
      <ScheduleForm key={latest.revision} jobId={jobId} latest={latest} />
    </>
  );
}

function ScheduleForm({ jobId, latest }: { jobId: string; latest: Revision }): ReactElement {
  const styles = useStyles();
  const mayConfigure = useMay('configure', jobId);
  const { apply } = useJobCheck();
  const { schedule: given = {} } = latest.definition;
  const schedule = Schedule.parse(given);
  const before: { readonly every: string; readonly mode: Mode } = schedule.drift ?? { every: usual.every, mode: 'never' };
  const [mode, setMode] = useState<Mode>(before.mode);
  const [every, setEvery] = useState(before.every);
  const isChanged = mode !== before.mode || (mode !== 'never' && every !== before.every);

  const save = (): void => {
    const { drift: _, ...others } = schedule;
    const next = { ...others, ...(mode !== 'never' && { drift: { every, mode } }) };
    apply.mutate({ definition: { ...latest.definition, schedule: next }, baseDir: latest.baseDir });
  };
  return (
    <>
      {!mayConfigure && <NotAllowed permission="configure" />}
      <div className={styles.row}>
        <Field label={said.schedule} className={styles.mode}>
          <Select
            className={styles.select}
            select={{ className: styles.select }}
            value={mode}
            disabled={!mayConfigure}
            onChange={(_, { value }) => setMode(value as Mode)}
          >
            {Object.entries(said.modes).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </Select>
        </Field>
        {mode !== 'never' && (
          <Field label={said.every} hint={said.everyHint} className={styles.every}>
            <Input value={every} disabled={!mayConfigure} onChange={(_, { value }) => setEvery(value.trim())} />
          </Field>
        )}
        {mayConfigure && (
          <Button className={styles.apply} disabled={!isChanged || apply.isPending} onClick={save}>
            {said.apply}
          </Button>
        )}
      </div>
      <div aria-live="polite">
        {apply.error && <Problem error={apply.error} />}
        {apply.data && apply.data.issues.length > 0 && <IssueList issues={apply.data.issues} />}
        {apply.data?.ok === false && apply.data.issues.length === 0 && (
          <MessageBar intent="error">
            <MessageBarBody>{apply.data.message}</MessageBarBody>
          </MessageBar>
        )}
      </div>
    </>
  );
}
