import {
  Button,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogTitle,
  DialogTrigger,
  Field,
  makeStyles,
  Select,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { noteOrder } from '../../api/often.js';
import { provisionNow } from '../../api/provision-now.js';
import { texts } from '../../texts/en.js';
import { provisionTexts } from '../../texts/en/provision.js';
import { Problem } from '../states.js';
import type { Choice } from './choices.js';
import { ConfirmRemoval } from './confirm-removal.js';
import { DemandResult } from './demand-result.js';

const useStyles = makeStyles({ content: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, minWidth: 0 } });

const said = provisionTexts;

interface ProvisionDialogProps {
  readonly name: string;
  readonly choices: readonly [Choice, ...Choice[]];
}

/** Asks by which job, has it done, and shows every step. A removal is done only after it was confirmed. */
export function ProvisionDialog({ name, choices }: ProvisionDialogProps): ReactElement {
  const styles = useStyles();
  const queries = useQueryClient();
  const [chosen, choose] = useState(0);
  const wanted = choices[chosen] ?? choices[0];
  const { mutate, reset, data, error, isPending } = useMutation({
    mutationFn: ({ allowRemoval }: { allowRemoval: boolean }) => provisionNow(wanted, allowRemoval),
    onSettled: () => {
      noteOrder();
      return queries.invalidateQueries();
    },
  });
  const held = data?.results.find(({ status }) => status === 'held');
  return (
    <DialogBody>
      <DialogTitle>{said.title(name)}</DialogTitle>
      <DialogContent className={styles.content} tabIndex={0}>
        <Text>{said.lead}</Text>
        {choices.length > 1 ? (
          <Field label={said.job}>
            <Select
              value={String(chosen)}
              disabled={isPending}
              onChange={(_, { value }) => {
                choose(Number(value));
                reset();
              }}
            >
              {choices.map((each, index) => (
                <option key={`${each.jobId} ${each.objectType} ${each.id}`} value={index}>
                  {said.choice(each.job, each.id)}
                </option>
              ))}
            </Select>
          </Field>
        ) : (
          <Text>{said.byJob(wanted.job, wanted.id)}</Text>
        )}
        {held && !isPending && (
          <ConfirmRemoval
            key={data?.requestId}
            result={held}
            target={wanted.target ?? held.target.system}
            confirm={() => mutate({ allowRemoval: true })}
          />
        )}
        <div aria-live="polite" className={styles.content}>
          {isPending && <Spinner label={said.working} />}
          {error && !isPending && <Problem error={error} />}
          {!isPending && data?.results.map((result) => <DemandResult key={result.source.id} result={result} />)}
        </div>
      </DialogContent>
      <DialogActions>
        <DialogTrigger disableButtonEnhancement>
          <Button>{texts.common.close}</Button>
        </DialogTrigger>
        <Button appearance={data ? 'secondary' : 'primary'} disabledFocusable={isPending} onClick={() => mutate({ allowRemoval: false })}>
          {data || error ? said.again : said.action}
        </Button>
      </DialogActions>
    </DialogBody>
  );
}
