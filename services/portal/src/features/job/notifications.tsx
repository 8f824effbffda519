import { Button, Field, Input, makeStyles, MessageBar, MessageBarBody, Select, Subtitle1, Text, tokens } from '@fluentui/react-components';
import { type ReactElement, useState } from 'react';

import { IssueList } from '../../shared/issue-list.js';
import type { Revision } from '../../shared/revisions.js';
import { Problem } from '../../shared/states.js';
import { useJobCheck } from '../../shared/use-job-check.js';
import { useMay } from '../../shared/use-may.js';
import { notifyTexts as said } from '../../texts/en/notify.js';
import { formOf, type NotifyForm, notifyOf, type Place } from './notify-form.js';

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
  const { apply } = useJobCheck();
  const { notify, ...others } = latest.definition;
  const before = formOf(notify);
  const [form, setForm] = useState<NotifyForm>(before);
  const change = (part: Partial<NotifyForm>): void => setForm({ ...form, ...part });
  const wanted = notifyOf(form);
  const isChanged = JSON.stringify(wanted) !== JSON.stringify(notifyOf(before));
  const save = (): void => apply.mutate({ definition: { ...others, ...(wanted && { notify: wanted }) }, baseDir: latest.baseDir });
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
      {mayConfigure && (
        <div>
          <Button disabled={!isChanged || apply.isPending} onClick={save}>
            {said.apply}
          </Button>
        </div>
      )}
      <div aria-live="polite">
        {apply.error && <Problem error={apply.error} />}
        {apply.data && apply.data.issues.length > 0 && <IssueList issues={apply.data.issues} />}
        {apply.data?.ok === false && apply.data.issues.length === 0 && (
          <MessageBar intent="error">
            <MessageBarBody>{apply.data.message}</MessageBarBody>
          </MessageBar>
        )}
      </div>
    </section>
  );
}
