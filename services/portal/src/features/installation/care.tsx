import { Button, makeStyles, MessageBar, MessageBarBody, MessageBarTitle, ProgressBar, Text, tokens } from '@fluentui/react-components';
import { apiPaths } from '@provident/contracts/http';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { download } from '../../api/download.js';
import { type Check, checkQuery, checkReadModels } from '../../api/read-model-checks.js';
import { Confirm } from '../../shared/confirm.js';
import { saveBlob } from '../../shared/download.js';
import { Problem } from '../../shared/states.js';
import { installationTexts as said } from '../../texts/en/installation.js';

const useStyles = makeStyles({
  list: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, max-content) minmax(0, 1fr)',
    gap: tokens.spacingHorizontalM,
    alignItems: 'center',
    '@media (max-width: 720px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** A backup, and the reports compared with the log or built anew. */
export function Care(): ReactElement {
  const styles = useStyles();
  const [checkId, setCheckId] = useState<string | null>(null);
  const backup = useMutation({
    mutationFn: () => download(apiPaths.backup),
    onSuccess: (file) => saveBlob(`provident-${new Date().toISOString().slice(0, 10)}.jsonl.gz`, file),
  });
  const check = useMutation({ mutationFn: checkReadModels, onSuccess: ({ result }) => setCheckId(idIn(result)) });
  const problem = backup.error ?? check.error;
  return (
    <>
      {problem && <Problem error={problem} />}
      <div className={styles.list}>
        <Button disabledFocusable={backup.isPending} onClick={() => backup.mutate()}>
          {backup.isPending ? said.backingUp : said.backup}
        </Button>
        <Text className={styles.quiet}>{said.backupHint}</Text>
        <Button disabledFocusable={check.isPending} onClick={() => check.mutate('verify')}>
          {said.verify}
        </Button>
        <Text className={styles.quiet}>{said.verifyHint}</Text>
        <Confirm title={said.rebuildTitle} text={said.rebuildText} action={said.rebuild} onConfirm={() => check.mutate('rebuild')}>
          <Button disabledFocusable={check.isPending}>{said.rebuild}</Button>
        </Confirm>
        <Text className={styles.quiet}>{said.rebuildText}</Text>
      </div>
      {checkId !== null && <Outcome key={checkId} checkId={checkId} />}
    </>
  );
}

function idIn({ checkId, check }: Readonly<Record<string, unknown>>): string | null {
  if (typeof checkId === 'string') return checkId;
  const named = (check as { checkId?: unknown } | undefined)?.checkId;
  return typeof named === 'string' ? named : null;
}

const intents = { running: 'info', succeeded: 'success', differences: 'warning', failed: 'error' } as const;

function Outcome({ checkId }: { checkId: string }): ReactElement | null {
  const { data, error } = useQuery(checkQuery(checkId));
  if (!data) return error ? <Problem error={error} /> : null;
  return (
    <>
      {data.state === 'running' && (
        <ProgressBar
          aria-label={data.kind === 'verify' ? said.verify : said.rebuild}
          {...(data.head > 0 && { value: Math.min(1, data.position / data.head) })}
        />
      )}
      <MessageBar intent={intents[data.state]} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{said.states[data.state]}</MessageBarTitle> {data.state === 'running' && said.progress(data.position, data.head)}{' '}
          <Findings check={data} />
        </MessageBarBody>
      </MessageBar>
    </>
  );
}

const Findings = ({ check: { findings } }: { check: Check }): ReactElement => (
  <>
    {findings.map(({ check, text }) => (
      <span key={check} style={{ display: 'block' }}>
        {text}
      </span>
    ))}
  </>
);
