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
  makeStyles,
  Select,
  Text,
  tokens,
} from '@fluentui/react-components';
import { PersonSyncRegular } from '@fluentui/react-icons/svg/person-sync';
import type { JobStatusView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { nameOf } from '../../shared/job-name.js';
import { ProvisionDialog } from '../../shared/provision/provision-dialog.js';
import { revisionsQuery } from '../../shared/revisions.js';
import { texts } from '../../texts/en.js';
import { provisionTexts as said } from '../../texts/en/provision.js';
import { rulesTexts } from '../../texts/en/rules.js';
import { PersonPicker } from './rules/person-picker.js';

const useStyles = makeStyles({
  surface: { maxWidth: 'min(860px, 100vw)', boxSizing: 'border-box' },
  content: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, minWidth: 0 },
  type: { maxWidth: '240px' },
});

interface Chosen {
  readonly objectType: string;
  readonly id: string;
}

/** Provisions somebody now by this job: first asks whom. */
export function ProvisionSomeone({ job }: { job: JobStatusView }): ReactElement {
  const styles = useStyles();
  const [isOpen, setOpen] = useState(false);
  const [chosen, choose] = useState<Chosen | null>(null);
  return (
    <Dialog
      open={isOpen}
      onOpenChange={(_, { open }) => {
        if (open) choose(null);
        setOpen(open);
      }}
    >
      <DialogTrigger disableButtonEnhancement>
        <Button icon={<PersonSyncRegular />} title={said.someoneTitle}>
          {said.someone}
        </Button>
      </DialogTrigger>
      <DialogSurface className={styles.surface}>
        {chosen === null ? (
          <Whom job={job} choose={choose} />
        ) : (
          <ProvisionDialog name={chosen.id} choices={[{ ...chosen, jobId: job.jobId, job: nameOf(job), target: job.target }]} />
        )}
      </DialogSurface>
    </Dialog>
  );
}

function Whom({ job: { jobId, revision }, choose }: { job: JobStatusView; choose: (chosen: Chosen) => void }): ReactElement {
  const styles = useStyles();
  const { data: revisions } = useQuery(revisionsQuery(jobId, revision));
  const types = revisions?.[0]?.definition.objects.map(({ type }) => type) ?? ['user'];
  const [objectType, setType] = useState('user');
  return (
    <DialogBody>
      <DialogTitle>{said.someoneTitle}</DialogTitle>
      <DialogContent className={styles.content}>
        <Text>{said.lead}</Text>
        {types.length > 1 && (
          <Field label={said.type} className={styles.type}>
            <Select value={objectType} onChange={(_, { value }) => setType(value)}>
              {types.map((type) => (
                <option key={type} value={type}>
                  {rulesTexts.mapping.types[type] ?? type}
                </option>
              ))}
            </Select>
          </Field>
        )}
        <PersonPicker
          key={objectType}
          label={said.whom}
          jobId={jobId}
          objectType={objectType}
          choose={(id) => choose({ objectType, id })}
        />
      </DialogContent>
      <DialogActions>
        <DialogTrigger disableButtonEnhancement>
          <Button>{texts.common.close}</Button>
        </DialogTrigger>
      </DialogActions>
    </DialogBody>
  );
}
