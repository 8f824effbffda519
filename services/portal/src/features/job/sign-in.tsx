import { Card, makeStyles, Subtitle1, Text } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { AuthFields } from '../../shared/auth/auth-fields.js';
import { type AuthForm, authFormOf, authOf } from '../../shared/auth/auth-form.js';
import { type Revision, revisionsQuery } from '../../shared/revisions.js';
import { useMay } from '../../shared/use-may.js';
import { authTexts as said } from '../../texts/en/auth.js';
import { Revise } from './revise.js';

const useStyles = makeStyles({ heading: { margin: 0 } });

/** How a SCIM target is signed in to: shown to whoever may change it, and changed as a new revision of the job. */
export function SignIn({ jobId, revision }: { jobId: string; revision: number }): ReactElement | null {
  const { data } = useQuery(revisionsQuery(jobId, revision));
  const mayConfigure = useMay('configure', jobId);
  const [latest] = data ?? [];
  if (!mayConfigure || latest?.definition.target.connector !== 'scim') return null;
  const before = authFormOf(latest.definition.target.config?.['auth']);
  return before && <SignInForm key={latest.revision} jobId={jobId} latest={latest} before={before} />;
}

function SignInForm({ jobId, latest, before }: { jobId: string; latest: Revision; before: AuthForm }): ReactElement {
  const styles = useStyles();
  const [form, setForm] = useState(before);
  const { target } = latest.definition;
  const partsOf = (auth: AuthForm): { target: object } => ({ target: { ...target, config: { ...target.config, auth: authOf(auth) } } });
  return (
    <Card role="region" aria-label={said.title}>
      <Subtitle1 as="h2" className={styles.heading}>
        {said.title}
      </Subtitle1>
      <Text>{said.lead}</Text>
      <AuthFields form={form} change={(part) => setForm({ ...form, ...part })} />
      <Revise jobId={jobId} latest={latest} before={partsOf(before)} parts={partsOf(form)} action={said.apply} />
    </Card>
  );
}
