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
  Radio,
  RadioGroup,
  Select,
  Text,
  tokens,
} from '@fluentui/react-components';
import type { TokenMadeView, TokenView } from '@provident/contracts/http';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { makeToken } from '../../api/api-tokens.js';
import { nameOf, useJobs } from '../../shared/job-name.js';
import { Problem } from '../../shared/states.js';
import { texts } from '../../texts/en.js';
import { accessTexts } from '../../texts/en/access.js';

const useStyles = makeStyles({ form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM } });

type Role = TokenView['grants'][number]['role'];
const said = accessTexts.tokens;
/** A security administrator is one for all jobs. */
const isUnlimited = (role: Role): boolean => role === 'security-administrator';

/** Makes an API token, and shows it this one time. */
export function MakeToken(): ReactElement {
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const make = useMutation({ mutationFn: makeToken, onSuccess: () => queries.invalidateQueries({ queryKey: ['tokens'] }) });
  const open = (next: boolean): void => {
    // What is shown once is not lost by a click beside it.
    if (!next && make.data) return;
    setOpen(next);
    make.reset();
  };
  const done = (): void => {
    setOpen(false);
    make.reset();
  };
  return (
    <Dialog open={isOpen} onOpenChange={(_, data) => open(data.open)} modalType={make.data ? 'alert' : 'modal'}>
      <DialogTrigger disableButtonEnhancement>
        <Button appearance="primary">{said.make}</Button>
      </DialogTrigger>
      <DialogSurface>{make.data ? <Made made={make.data} done={done} /> : <Form make={make} />}</DialogSurface>
    </Dialog>
  );
}

type Making = Pick<ReturnType<typeof useMutation<TokenMadeView, Error, Parameters<typeof makeToken>[0]>>, 'mutate' | 'isPending' | 'error'>;

function Form({ make }: { make: Making }): ReactElement {
  const styles = useStyles();
  const jobs = [...useJobs().values()];
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('reports-reader');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [expires, setExpires] = useState('90');
  const limited = isUnlimited(role) || chosen.length === 0 ? null : [...chosen];
  const send = (): void =>
    make.mutate({ name: name.trim(), grants: [{ role, jobs: limited }], expiresInDays: expires === 'never' ? null : Number(expires) });
  return (
    <DialogBody>
      <DialogTitle>{said.make}</DialogTitle>
      <DialogContent className={styles.form}>
        {make.error && <Problem error={make.error} />}
        <Field label={said.name} hint={said.nameHint} required>
          <Input value={name} onChange={(_, { value }) => setName(value)} />
        </Field>
        <Field label={said.role}>
          <RadioGroup value={role} onChange={(_, { value }) => setRole(value as Role)}>
            {Object.entries(accessTexts.roles).map(([each, words]) => (
              <Radio key={each} value={each} label={words} />
            ))}
          </RadioGroup>
        </Field>
        {!isUnlimited(role) && jobs.length > 0 && (
          <Field label={said.jobs} hint={said.jobsHint}>
            <div role="group" aria-label={said.jobs}>
              {jobs.map((job) => (
                <Checkbox
                  key={job.jobId}
                  label={nameOf(job)}
                  checked={chosen.includes(job.jobId)}
                  onChange={(_, { checked }) => setChosen(checked ? [...chosen, job.jobId] : chosen.filter((each) => each !== job.jobId))}
                />
              ))}
            </div>
          </Field>
        )}
        <Field label={said.expires}>
          <Select value={expires} onChange={(_, { value }) => setExpires(value)}>
            {Object.entries(said.expiry).map(([days, words]) => (
              <option key={days} value={days}>
                {words}
              </option>
            ))}
          </Select>
        </Field>
      </DialogContent>
      <DialogActions>
        <DialogTrigger disableButtonEnhancement>
          <Button>{texts.common.cancel}</Button>
        </DialogTrigger>
        <Button appearance="primary" disabledFocusable={make.isPending || name.trim() === ''} onClick={send}>
          {make.isPending ? said.making : said.make}
        </Button>
      </DialogActions>
    </DialogBody>
  );
}

function Made({ made: { token, secret }, done }: { made: TokenMadeView; done: () => void }): ReactElement {
  const styles = useStyles();
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => void navigator.clipboard.writeText(secret).then(() => setCopied(true));
  return (
    <DialogBody>
      <DialogTitle>{said.made(token.name)}</DialogTitle>
      <DialogContent className={styles.form}>
        <Text>{said.madeHint}</Text>
        <Field label={accessTexts.token}>
          <Input readOnly value={secret} onFocus={({ target }) => target.select()} />
        </Field>
        <Text role="status">{isCopied ? said.copied : ''}</Text>
      </DialogContent>
      <DialogActions>
        {'clipboard' in navigator && <Button onClick={copy}>{said.copy}</Button>}
        <Button appearance="primary" onClick={done}>
          {said.done}
        </Button>
      </DialogActions>
    </DialogBody>
  );
}
