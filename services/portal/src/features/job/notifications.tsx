import { Field, Input, makeStyles, Select, Subtitle1, Text, tokens } from '@fluentui/react-components';
import { type ReactElement, useState } from 'react';

import type { Revision } from '../../shared/revisions.js';
import { useMay } from '../../shared/use-may.js';
import { notifyTexts as said } from '../../texts/en/notify.js';
import { formOf, type NotifyForm, notifyOf, type Place } from './notify-form.js';
import { Revise } from './revise.js';

const useStyles = makeStyles({
  part: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, minWidth: 0 },
  heading: { margin: 0 },
  fields: {
    display: 'grid',
    alignItems: 'start',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 280px), 1fr))',
    gap: tokens.spacingHorizontalM,
  },
  narrow: { minWidth: 0 },
});

/** Who is told when the job enters quarantine and leaves it: shown, and changed as a new revision of the job. */
export function Notifications({ jobId, latest }: { jobId: string; latest: Revision }): ReactElement {
  const styles = useStyles();
  const mayConfigure = useMay('configure', jobId);
  const before = formOf(latest.definition['notify']);
  const [form, setForm] = useState<NotifyForm>(before);
  const change = (part: Partial<NotifyForm>): void => setForm({ ...form, ...part });
  return (
    <section className={styles.part} aria-label={said.title}>
      <Subtitle1 as="h2" className={styles.heading}>
        {said.title}
      </Subtitle1>
      <Text>{said.lead}</Text>
      <div className={styles.fields}>
        <Field label={said.email} hint={said.emailHint} className={styles.narrow}>
          <Input value={form.email} disabled={!mayConfigure} onChange={(_, { value }) => change({ email: value })} />
        </Field>
        <Field label={said.url} hint={said.urlHint} className={styles.narrow}>
          <Input type="url" value={form.url} disabled={!mayConfigure} onChange={(_, { value }) => change({ url: value })} />
        </Field>
        {form.url.trim() !== '' && (
          <>
            <Field label={said.place} className={styles.narrow}>
              <Select value={form.place} disabled={!mayConfigure} onChange={(_, { value }) => change({ place: value as Place })}>
                {Object.entries(said.places).map(([place, words]) => (
                  <option key={place} value={place}>
                    {words}
                  </option>
                ))}
              </Select>
            </Field>
            <Field label={said.name} hint={said.nameHint} required className={styles.narrow}>
              <Input value={form.name} disabled={!mayConfigure} onChange={(_, { value }) => change({ name: value })} />
            </Field>
          </>
        )}
      </div>
      <Revise jobId={jobId} latest={latest} before={{ notify: notifyOf(before) }} parts={{ notify: notifyOf(form) }} action={said.apply} />
    </section>
  );
}
