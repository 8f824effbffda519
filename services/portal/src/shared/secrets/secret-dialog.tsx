import {
  Button,
  Checkbox,
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
  Textarea,
  tokens,
} from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { setSecret } from '../../api/secrets.js';
import { texts } from '../../texts/en.js';
import { secretsTexts as said } from '../../texts/en/secrets.js';
import { Problem } from '../states.js';

const useStyles = makeStyles({ form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM } });

interface SecretDialogProps {
  /** The button that opens it. */
  readonly children: ReactElement;
  /** Absent: it is asked for. */
  readonly name?: string;
  readonly isThere?: boolean;
}

/** Takes the value of a secret, and forgets it once it is set or the dialog is closed. */
export function SecretDialog({ children, name, isThere = false }: SecretDialogProps): ReactElement {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={(_, data) => setOpen(data.open)}>
      <DialogTrigger disableButtonEnhancement>{children}</DialogTrigger>
      <DialogSurface>{isOpen && <Form given={name} isThere={isThere} done={() => setOpen(false)} />}</DialogSurface>
    </Dialog>
  );
}

function Form({ given, isThere, done }: { given: string | undefined; isThere: boolean; done: () => void }): ReactElement {
  const styles = useStyles();
  const queries = useQueryClient();
  const [name, setName] = useState(given ?? '');
  const [value, setValue] = useState('');
  const [hasLines, setHasLines] = useState(false);
  const set = useMutation({
    mutationFn: () => setSecret(name.trim(), value),
    onSuccess: () => {
      done();
      return queries.invalidateQueries();
    },
  });
  const title = given === undefined ? said.make : isThere ? said.replaceTitle(given) : said.setTitle(given);
  return (
    <DialogBody>
      <DialogTitle>{title}</DialogTitle>
      <DialogContent className={styles.form}>
        {set.error && <Problem error={set.error} />}
        {given === undefined && (
          <Field label={said.name} hint={said.nameHint} required>
            <Input value={name} onChange={(_, data) => setName(data.value)} autoComplete="off" />
          </Field>
        )}
        <Field label={said.value} hint={said.valueHint} required>
          {hasLines ? (
            <Textarea
              value={value}
              onChange={(_, data) => setValue(data.value)}
              rows={8}
              textarea={{ spellCheck: false, autoComplete: 'off' }}
            />
          ) : (
            <Input type="password" value={value} onChange={(_, data) => setValue(data.value)} autoComplete="new-password" />
          )}
        </Field>
        <Checkbox label={said.lines} checked={hasLines} onChange={(_, { checked }) => setHasLines(checked === true)} />
      </DialogContent>
      <DialogActions>
        <DialogTrigger disableButtonEnhancement>
          <Button>{texts.common.cancel}</Button>
        </DialogTrigger>
        <Button appearance="primary" disabledFocusable={set.isPending || name.trim() === '' || value === ''} onClick={() => set.mutate()}>
          {set.isPending ? said.saving : said.save}
        </Button>
      </DialogActions>
    </DialogBody>
  );
}
