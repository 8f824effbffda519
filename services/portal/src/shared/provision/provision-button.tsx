import { Button, Dialog, DialogSurface, DialogTrigger, makeStyles } from '@fluentui/react-components';
import { PersonSyncRegular } from '@fluentui/react-icons/svg/person-sync';
import type { ReactElement } from 'react';

import { texts } from '../../texts/en.js';
import type { Choice } from './choices.js';
import { ProvisionDialog } from './provision-dialog.js';

const useStyles = makeStyles({ surface: { maxWidth: 'min(860px, 100vw)', boxSizing: 'border-box' } });

/** Provisions one object now, by a job that is asked for when there are several. Nothing where no job can. */
export function ProvisionButton({ name, choices }: { name: string; choices: readonly Choice[] }): ReactElement | null {
  const styles = useStyles();
  const [first, ...others] = choices;
  if (!first) return null;
  return (
    <Dialog>
      <DialogTrigger disableButtonEnhancement>
        <Button icon={<PersonSyncRegular />}>{texts.provision.action}</Button>
      </DialogTrigger>
      <DialogSurface className={styles.surface}>
        <ProvisionDialog name={name} choices={[first, ...others]} />
      </DialogSurface>
    </Dialog>
  );
}
