import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  makeStyles,
  Subtitle1,
  Text,
} from '@fluentui/react-components';
import type { ReactElement } from 'react';

import { DataTable } from '../../shared/data-table.js';
import { type Difference, differenceOf } from '../../shared/difference.js';
import { DifferenceTable } from '../../shared/difference-table.js';
import { Instant } from '../../shared/instant.js';
import type { Revision } from '../../shared/revisions.js';
import { texts } from '../../texts/en.js';
import { jobTexts } from '../../texts/en/job.js';
import { logTexts } from '../../texts/en/log.js';
import { rulesTexts as rules } from '../../texts/en/rules.js';

const useStyles = makeStyles({
  heading: { margin: 0 },
  wide: { maxWidth: 'min(1000px, 96vw)' },
  path: { display: 'block', overflowWrap: 'anywhere' },
});

const said = jobTexts;
const pathsShown = 3;

interface RevisionHistoryProps {
  /** Newest first. */
  readonly revisions: readonly Revision[];
  /** Takes the rules of a revision into the editor. */
  readonly take: (revision: Revision) => void;
}

/** Every revision of the rules: when, by whom, what it changed, and the way back to it. */
export function RevisionHistory({ revisions, take }: RevisionHistoryProps): ReactElement {
  const styles = useStyles();
  return (
    <>
      <Subtitle1 as="h2" className={styles.heading}>
        {said.revisions}
      </Subtitle1>
      <DataTable
        label={said.revisions}
        columns={[said.revision, logTexts.column.at, said.by, rules.changed, rules.back]}
        rows={revisions.map((revision, index) => [
          String(revision.revision),
          said.revisionOf(revision.revision),
          <Instant key="at" at={revision.at} />,
          revision.by.name,
          <Changed key="changed" revision={revision} before={revisions[index + 1]} />,
          index === 0 ? (
            rules.applies
          ) : (
            <Button key="take" size="small" onClick={() => take(revision)}>
              {rules.take(revision.revision)}
            </Button>
          ),
        ])}
      />
    </>
  );
}

function Changed({ revision, before }: { revision: Revision; before: Revision | undefined }): ReactElement {
  const styles = useStyles();
  if (!before) return <>{revision.revision === 1 ? rules.first : rules.notKept}</>;
  const difference = differenceOf(before.definition, revision.definition);
  if (difference.length === 0) return <>{rules.nothingChanged}</>;
  return (
    <span>
      {difference.slice(0, pathsShown).map(({ path }) => (
        <Text key={path} size={200} className={styles.path}>
          {path}
        </Text>
      ))}
      <DifferenceDialog revision={revision.revision} before={before.revision} difference={difference} />
    </span>
  );
}

function DifferenceDialog(props: { revision: number; before: number; difference: readonly Difference[] }): ReactElement {
  const styles = useStyles();
  const { revision, before, difference } = props;
  const title = rules.differenceOf(before, revision);
  return (
    <Dialog>
      <DialogTrigger disableButtonEnhancement>
        <Button size="small">{rules.seeDifference(before, difference.length)}</Button>
      </DialogTrigger>
      <DialogSurface className={styles.wide}>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent>
            <DifferenceTable label={title} difference={difference} />
          </DialogContent>
          <DialogActions>
            <DialogTrigger disableButtonEnhancement>
              <Button appearance="primary">{texts.common.close}</Button>
            </DialogTrigger>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
