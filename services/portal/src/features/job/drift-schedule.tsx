import { Field, Input, makeStyles, Select, Subtitle1, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { z } from 'zod';

import { NotAllowed } from '../../shared/not-allowed.js';
import { type Revision, revisionsQuery } from '../../shared/revisions.js';
import { useMay } from '../../shared/use-may.js';
import { driftTexts as said } from '../../texts/en/drift.js';
import { Revise } from './revise.js';

const useStyles = makeStyles({
  heading: { margin: 0 },
  row: { display: 'flex', flexWrap: 'wrap', alignItems: 'start', gap: tokens.spacingHorizontalM },
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
  const { schedule: given = {} } = latest.definition;
  const schedule = Schedule.parse(given);
  const before: { readonly every: string; readonly mode: Mode } = schedule.drift ?? { every: usual.every, mode: 'never' };
  const [mode, setMode] = useState<Mode>(before.mode);
  const [every, setEvery] = useState(before.every);
  const scheduleWith = (chosen: Mode, often: string): object => {
    const { drift: _, ...others } = schedule;
    return { ...others, ...(chosen !== 'never' && { drift: { every: often, mode: chosen } }) };
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
      </div>
      <Revise
        jobId={jobId}
        latest={latest}
        before={{ schedule: scheduleWith(before.mode, before.every) }}
        parts={{ schedule: scheduleWith(mode, every) }}
        action={said.apply}
      />
    </>
  );
}
