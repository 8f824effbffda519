import { Button, Dialog, DialogSurface, DialogTrigger, makeStyles } from '@fluentui/react-components';
import { PersonSyncRegular } from '@fluentui/react-icons/svg/person-sync';
import { lazy, type ReactElement, Suspense } from 'react';

import { texts } from '../../texts/en.js';
import { Loading } from '../states.js';
import type { Choice } from './choices.js';

const ProvisionDialog = lazy(async () => ({ default: (await import('./provision-dialog.js')).ProvisionDialog }));

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
        <Suspense fallback={<Loading />}>
          <ProvisionDialog name={name} choices={[first, ...others]} />
        </Suspense>
      </DialogSurface>
    </Dialog>
  );
}
