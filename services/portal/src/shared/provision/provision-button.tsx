import { Button, Dialog, DialogSurface, DialogTrigger, makeStyles } from '@fluentui/react-components';
import { PersonSyncRegular } from '@fluentui/react-icons/svg/person-sync';
import { type ReactElement, useState } from 'react';

import { provisionTexts } from '../../texts/en/provision.js';
import type { Choice } from './choices.js';
import { ProvisionDialog } from './provision-dialog.js';

const useStyles = makeStyles({ surface: { maxWidth: 'min(860px, 100vw)', boxSizing: 'border-box' } });

/**
 * Provisions one object now, by a job that is asked for when there are several. Nothing where no job can. What was offered when it was opened stays
 * until it is closed, although what is done changes what the page around it knows.
 */
export function ProvisionButton({ name, choices }: { name: string; choices: readonly Choice[] }): ReactElement | null {
  const styles = useStyles();
  const [isOpen, setOpen] = useState(false);
  const [[first, ...others], offer] = useState<readonly Choice[]>([]);
  if (choices.length === 0 && !isOpen) return null;
  return (
    <Dialog
      open={isOpen}
      onOpenChange={(_, { open }) => {
        if (open) offer(choices);
        setOpen(open);
      }}
    >
      <DialogTrigger disableButtonEnhancement>
        <Button icon={<PersonSyncRegular />}>{provisionTexts.action}</Button>
      </DialogTrigger>
      <DialogSurface className={styles.surface}>{first && <ProvisionDialog name={name} choices={[first, ...others]} />}</DialogSurface>
    </Dialog>
  );
}
