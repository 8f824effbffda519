import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  Field,
  Input,
  makeStyles,
  Radio,
  RadioGroup,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import type { ConnectionView } from '@provident/contracts/http';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { removeConnection, repairConnection } from '../../api/connections.js';
import { Problem } from '../../shared/states.js';
import { texts } from '../../texts/en.js';
import { linkTexts } from '../../texts/en/link.js';

const useStyles = makeStyles({ content: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, minWidth: 0 } });

const said = linkTexts;

/** Explains what may be done about a wrong link, and has it done. */
export function MendLink({ connection, name }: { connection: ConnectionView; name: string }): ReactElement {
  const [isOpen, open] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={(_, { open: wanted }) => open(wanted)}>
      <DialogTrigger disableButtonEnhancement>
        <Button size="small">{said.mend}</Button>
      </DialogTrigger>
      <DialogSurface>{isOpen && <MendForm connection={connection} name={name} />}</DialogSurface>
    </Dialog>
  );
}

type Way = 'remove' | 'repair';
type By = 'targetId' | 'value';

function MendForm({ connection, name }: { connection: ConnectionView; name: string }): ReactElement {
  const styles = useStyles();
  const queries = useQueryClient();
  const [way, choose] = useState<Way>(connection.targetId === null ? 'repair' : 'remove');
  const [by, nameBy] = useState<By>('targetId');
  const [account, type] = useState('');
  const to = by === 'targetId' ? { targetId: account.trim() } : { value: account.trim() };
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: () => (way === 'remove' ? removeConnection(connection) : repairConnection(connection, to)),
    onSettled: () => queries.invalidateQueries(),
  });
  const isReady = way === 'remove' || account.trim() !== '';
  return (
    <DialogBody>
      <DialogTitle>{said.title(name)}</DialogTitle>
      <DialogContent className={styles.content}>
        {!data && (
          <>
            <Text>{said.lead(connection.targetId)}</Text>
            <Field label={said.what}>
              <RadioGroup value={way} disabled={isPending} onChange={(_, { value }) => choose(value as Way)}>
                {connection.targetId !== null && <Radio value="remove" label={said.remove} />}
                <Radio value="repair" label={said.repair} />
              </RadioGroup>
            </Field>
            <Text>{way === 'remove' ? said.removeText : said.repairText}</Text>
          </>
        )}
        {!data && way === 'repair' && (
          <>
            <Field label={said.by}>
              <RadioGroup layout="horizontal" value={by} disabled={isPending} onChange={(_, { value }) => nameBy(value as By)}>
                <Radio value="targetId" label={said.byId} />
                <Radio value="value" label={said.byValue} />
              </RadioGroup>
            </Field>
            <Field label={said.account} required>
              <Input value={account} disabled={isPending} autoComplete="off" onChange={(_, { value }) => type(value)} />
            </Field>
          </>
        )}
        <div aria-live="polite">
          {isPending && <Spinner label={said.working} />}
          {error && !isPending && <Problem error={error} />}
          {data && <Text>{data.message}</Text>}
        </div>
      </DialogContent>
      <DialogActions>
        <DialogTrigger disableButtonEnhancement>
          <Button>{data ? texts.common.close : texts.common.cancel}</Button>
        </DialogTrigger>
        {!data && (
          <Button appearance="primary" disabledFocusable={isPending || !isReady} onClick={() => mutate()}>
            {way === 'remove' ? said.confirmRemove : said.confirmRepair}
          </Button>
        )}
      </DialogActions>
    </DialogBody>
  );
}
