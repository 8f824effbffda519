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
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components';
import { ArrowResetRegular } from '@fluentui/react-icons/svg/arrow-reset';
import type { JobStatusView } from '@provident/contracts/http';
import { type ReactElement, useState } from 'react';

import { type RestartScope, restartJob, restartScopes } from '../../api/restart-job.js';
import { nameOf } from '../../shared/job-name.js';
import { useOrder } from '../../shared/use-order.js';
import { texts } from '../../texts/en.js';
import { restartTexts as said } from '../../texts/en/restart.js';
import { harmful, scopesToAsk, usual } from './restart-scopes.js';

const useStyles = makeStyles({
  list: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, margin: 0, padding: 0, listStyleType: 'none' },
  does: { display: 'block', paddingLeft: '32px', color: tokens.colorNeutralForeground2 },
});

/** Restarts a job in the parts that are chosen, each explained. What can harm is confirmed besides. */
export function RestartDialog({ job }: { job: JobStatusView }): ReactElement {
  const styles = useStyles();
  const { give, isPending } = useOrder();
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<RestartScope>>(new Set(usual));
  const [isSure, setSure] = useState(false);
  const asked = scopesToAsk(chosen);
  const needsCare = asked.some((scope) => harmful.has(scope));

  const open = (next: boolean): void => {
    setOpen(next);
    setChosen(new Set(usual));
    setSure(false);
  };
  const choose = (scope: RestartScope, isChosen: boolean): void => {
    setChosen(new Set(restartScopes.filter((each) => (each === scope ? isChosen : chosen.has(each)))));
    setSure(false);
  };
  const restart = (): void => {
    give(() => restartJob(job.jobId, asked));
    open(false);
  };
  return (
    <Dialog open={isOpen} onOpenChange={(_, data) => open(data.open)}>
      <DialogTrigger disableButtonEnhancement>
        <Button icon={<ArrowResetRegular />}>{said.action}</Button>
      </DialogTrigger>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{said.title(nameOf(job))}</DialogTitle>
          <DialogContent>
            <Text block>{said.lead}</Text>
            <ul className={styles.list}>
              {restartScopes.map((scope) => {
                const isForced = scope === 'watermark' && chosen.has('links');
                return (
                  <li key={scope}>
                    <Checkbox
                      label={isForced ? `${said.scopes[scope].name} (${said.forced})` : said.scopes[scope].name}
                      aria-describedby={`restart-${scope}`}
                      checked={asked.includes(scope)}
                      disabled={isForced}
                      onChange={(_, { checked }) => choose(scope, checked === true)}
                    />
                    <Text id={`restart-${scope}`} size={200} className={styles.does}>
                      {said.scopes[scope].does}
                    </Text>
                  </li>
                );
              })}
            </ul>
            {asked.length === 0 && <Text role="status">{said.none}</Text>}
            {needsCare && <Checkbox label={said.sure} checked={isSure} onChange={(_, { checked }) => setSure(checked === true)} />}
          </DialogContent>
          <DialogActions>
            <DialogTrigger disableButtonEnhancement>
              <Button>{texts.common.cancel}</Button>
            </DialogTrigger>
            <Button appearance="primary" disabledFocusable={isPending || asked.length === 0 || (needsCare && !isSure)} onClick={restart}>
              {said.restart}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
