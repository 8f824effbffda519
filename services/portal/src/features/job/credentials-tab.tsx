import { Button, Card, makeStyles, MessageBar, MessageBarBody, MessageBarTitle, Subtitle1, Text, tokens } from '@fluentui/react-components';
import type { CredentialsView, SystemOfJob } from '@provident/contracts/http';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { credentialsQuery, testConnection } from '../../api/credentials.js';
import { noteOrder } from '../../api/often.js';
import { DataTable } from '../../shared/data-table.js';
import { Instant } from '../../shared/instant.js';
import { NotAllowed } from '../../shared/not-allowed.js';
import { SecretDialog } from '../../shared/secrets/secret-dialog.js';
import { SecretState } from '../../shared/secrets/secret-state.js';
import { Loading, Problem } from '../../shared/states.js';
import { useMay } from '../../shared/use-may.js';
import { credentialsTexts as said, secretsTexts } from '../../texts/en/secrets.js';
import { SignIn } from './sign-in.js';

const useStyles = makeStyles({
  heading: { margin: 0, marginRight: 'auto', overflowWrap: 'anywhere' },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  quiet: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
});

type Credential = CredentialsView['credentials'][number];
type System = CredentialsView['systems'][number];

/** What a job shows to get in: by name, set anew and tried from here, never read. */
export function CredentialsTab({ jobId, revision }: { jobId: string; revision: number }): ReactElement {
  const { data, error, refetch } = useQuery(credentialsQuery(jobId));
  const mayOperate = useMay('operate', jobId);
  const maySecure = useMay('secure');
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />;
  const of = (which: Credential['of']): Credential[] => data.credentials.filter((each) => each.of === which);
  const notices = of('notify');
  return (
    <>
      <Text>{said.lead}</Text>
      {!maySecure && <NotAllowed permission="secure" />}
      {!mayOperate && <NotAllowed permission="operate" />}
      {data.systems.map((system) => (
        <SystemCard key={system.system} jobId={jobId} system={system} credentials={of(system.system)} mayTest={mayOperate} />
      ))}
      <SignIn jobId={jobId} revision={revision} />
      {notices.length > 0 && (
        <Card role="region" aria-label={said.systems.notify}>
          <Heading text={said.systems.notify} />
          <Credentials of={said.systems.notify} credentials={notices} />
        </Card>
      )}
    </>
  );
}

function Heading({ text }: { text: string }): ReactElement {
  const styles = useStyles();
  return (
    <Subtitle1 as="h2" className={styles.heading}>
      {text}
    </Subtitle1>
  );
}

interface SystemCardProps {
  readonly jobId: string;
  readonly system: System;
  readonly credentials: readonly Credential[];
  readonly mayTest: boolean;
}

function SystemCard({ jobId, system: { system, name, connector, lastTest }, credentials, mayTest }: SystemCardProps): ReactElement {
  const styles = useStyles();
  const queries = useQueryClient();
  const test = useMutation({
    mutationFn: (which: SystemOfJob) => testConnection(jobId, which),
    // What was said stands in the log; the read model that tells of the last test may be a moment behind it.
    onSettled: () => {
      noteOrder();
      return queries.invalidateQueries({ queryKey: ['credentials', jobId] });
    },
  });
  const which = said.systems[system];
  return (
    <Card role="region" aria-label={which}>
      <div className={styles.head}>
        <Heading text={said.heading(which, name, connector)} />
        {mayTest && (
          <Button disabledFocusable={test.isPending} aria-label={said.testOf(which)} onClick={() => test.mutate(system)}>
            {test.isPending ? said.testing : said.test}
          </Button>
        )}
      </div>
      <div aria-live="polite">
        {test.error && <Problem error={test.error} />}
        {test.data && (
          <MessageBar intent={test.data.ok ? 'success' : 'error'} layout="multiline">
            <MessageBarBody>
              <MessageBarTitle>{test.data.ok ? said.letIn : said.refused}</MessageBarTitle> {test.data.message}{' '}
              {said.took(test.data.tookMs)}
            </MessageBarBody>
          </MessageBar>
        )}
      </div>
      <Text className={styles.quiet}>
        {said.lastTest}: <LastTest test={lastTest} />
      </Text>
      {credentials.length === 0 ? <Text>{said.noneNeeded}</Text> : <Credentials of={which} credentials={credentials} />}
    </Card>
  );
}

const LastTest = ({ test }: { test: System['lastTest'] }): ReactElement =>
  test === null ? (
    <>{said.neverTested}</>
  ) : (
    <>
      <Instant at={test.at} /> {said.testedBy(test.by)}: {test.ok ? said.ok : said.failed}, {test.message}
    </>
  );

function Credentials({ of, credentials }: { of: string; credentials: readonly Credential[] }): ReactElement {
  const styles = useStyles();
  const maySecure = useMay('secure');
  return (
    <>
      <DataTable
        label={of}
        columns={[said.column.place, said.column.what, said.column.state, ...(maySecure ? [said.column.do] : [])]}
        rows={credentials.map(({ place, kind, name, setAt, setBy }) => [
          place,
          place,
          `${said.kind[kind]} ${name}`,
          kind === 'secret' ? <SecretState key="state" setAt={setAt} setBy={setBy} /> : said.state[kind],
          kind === 'secret' ? <SetSecret key="set" name={name} isThere={setAt !== null} /> : '',
        ])}
      />
      {credentials.some(({ kind }) => kind !== 'secret') && <Text className={styles.quiet}>{said.instead}</Text>}
    </>
  );
}

const SetSecret = ({ name, isThere }: { name: string; isThere: boolean }): ReactElement => (
  <SecretDialog name={name} isThere={isThere}>
    <Button size="small" aria-label={isThere ? secretsTexts.replaceOf(name) : secretsTexts.setOf(name)}>
      {isThere ? secretsTexts.replace : secretsTexts.set}
    </Button>
  </SecretDialog>
);
