import { Accordion, AccordionHeader, AccordionItem, AccordionPanel, makeStyles, tokens } from '@fluentui/react-components';
import type { JobStatusView, LogEntryView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { EntryDetails } from '../../shared/entry/entry-details.js';
import { withLocalTimes } from '../../shared/format.js';
import { Instant } from '../../shared/instant.js';
import { nameOf } from '../../shared/job-name.js';
import { EntryBadge } from '../../shared/status-badge.js';

const useStyles = makeStyles({
  item: { borderLeft: `3px solid ${tokens.colorNeutralStroke1}`, marginBottom: tokens.spacingVerticalS },
  header: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'flex-start',
    gap: '2px',
    paddingBlock: tokens.spacingVerticalXS,
    textAlign: 'left',
    minWidth: 0,
  },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  quiet: { color: tokens.colorNeutralForeground2 },
  text: { overflowWrap: 'anywhere' },
});

/** All changes of a person over all jobs, newest first; each opens into its steps. */
export function Timeline({ entries, jobs }: { entries: readonly LogEntryView[]; jobs: ReadonlyMap<string, JobStatusView> }): ReactElement {
  const styles = useStyles();
  return (
    <Accordion multiple collapsible defaultOpenItems={entries.length === 1 ? [entries[0]!.changeId] : []}>
      {entries.map((entry) => (
        <AccordionItem key={entry.changeId} value={entry.changeId} className={styles.item}>
          <AccordionHeader as="h3">
            <span className={styles.header}>
              <span className={styles.head}>
                <EntryBadge status={entry.status} />
                <strong>{nameOf(jobs.get(entry.jobId) ?? { name: entry.jobId, jobId: entry.jobId })}</strong>
                <span className={styles.quiet}>
                  <Instant at={entry.at} />
                </span>
              </span>
              <span className={styles.text}>{withLocalTimes(entry.statusText)}</span>
            </span>
          </AccordionHeader>
          <AccordionPanel>
            <EntryDetails entry={entry} />
          </AccordionPanel>
        </AccordionItem>
      ))}
    </Accordion>
  );
}
