import { makeStyles, MessageBar, MessageBarBody, MessageBarTitle, Tab, TabList, Text, tokens } from '@fluentui/react-components';
import type { LogEntryView } from '@provident/contracts/http';
import { type ReactElement, useId, useState } from 'react';

import { texts } from '../../texts/en.js';
import { adviceTexts } from '../../texts/en/advice.js';
import { detailsTexts } from '../../texts/en/details.js';
import { logTexts } from '../../texts/en/log.js';
import { FactList } from '../fact-list.js';
import { withLocalTimes } from '../format.js';
import { Instant } from '../instant.js';
import { Link } from '../link.js';
import { pages } from '../pages.js';
import { EntryBadge } from '../status-badge.js';
import { clausesOf, troubleOf } from './advice.js';
import { ChangesTable } from './changes-table.js';
import { ClausesTable } from './clauses-table.js';
import { isMembers } from './members.js';
import { MembersTable } from './members-table.js';
import { RawEvents } from './raw-events.js';
import { Steps } from './steps.js';

const useStyles = makeStyles({
  details: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, minWidth: 0 },
  tabs: { flexWrap: 'wrap' },
  panel: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, minWidth: 0 },
});

const tabs = ['steps', 'modified', 'help', 'summary', 'raw'] as const;
type TabName = (typeof tabs)[number];
const said = detailsTexts;

/** Everything about one change. */
export function EntryDetails({ entry }: { entry: LogEntryView }): ReactElement {
  const styles = useStyles();
  const [tab, setTab] = useState<TabName>('steps');
  const id = useId();
  return (
    <div className={styles.details}>
      <TabList
        className={styles.tabs}
        size="small"
        selectedValue={tab}
        onTabSelect={(_, { value }) => setTab(value as TabName)}
        aria-label={said.title}
      >
        {tabs.map((name) => (
          <Tab key={name} value={name} id={`${id}-${name}`} aria-controls={`${id}-panel`}>
            {said.tabs[name]}
          </Tab>
        ))}
      </TabList>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${tab}`} className={styles.panel}>
        {panels[tab](entry)}
      </div>
    </div>
  );
}

const panels: Record<TabName, (entry: LogEntryView) => ReactElement> = {
  steps: ({ steps }) => <Steps steps={steps} />,
  modified: (entry) => <Modified entry={entry} />,
  help: (entry) => <Help entry={entry} />,
  summary: (entry) => <Summary entry={entry} />,
  raw: (entry) => <RawEvents entry={entry} />,
};

function Modified({ entry }: { entry: LogEntryView }): ReactElement {
  const { modified, status, changeId, memberNames } = entry;
  if (modified.length === 0) return <Text>{said.noModified}</Text>;
  return (
    <>
      {status !== 'success' && <Text>{said.modifiedNotWritten}</Text>}
      <ChangesTable modified={modified.filter((change) => !isMembers(change))} />
      <MembersTable changeId={changeId} modified={modified} memberNames={memberNames} />
    </>
  );
}

function Help({ entry }: { entry: LogEntryView }): ReactElement {
  const trouble = troubleOf(entry);
  const clauses = entry.status === 'skipped' ? clausesOf(entry) : [];
  if (!trouble) return <Text>{said.noTrouble}</Text>;
  return (
    <>
      <MessageBar intent={entry.status === 'failure' ? 'error' : 'info'} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{trouble.code}</MessageBarTitle> {withLocalTimes(trouble.message)}
        </MessageBarBody>
      </MessageBar>
      {trouble.advice !== '' && <FactList facts={[[said.advice, trouble.advice]]} />}
      {trouble.isRetried && <Text>{adviceTexts['escrow']}</Text>}
      {clauses.length > 0 && <ClausesTable clauses={clauses} />}
    </>
  );
}

function Summary({ entry }: { entry: LogEntryView }): ReactElement {
  const { column } = logTexts;
  const shown = (value: string | null) => value ?? texts.common.none;
  const id = entry.sourceId ?? entry.targetId ?? entry.matchingValue;
  return (
    <>
      <FactList
        facts={[
          [column.status, <EntryBadge key="status" status={entry.status} />],
          [column.action, texts.action[entry.action]],
          [column.reason, shown(entry.reason)],
          [column.at, <Instant key="at" at={entry.at} />],
          [column.name, shown(entry.displayName)],
          [column.sourceId, shown(entry.sourceId)],
          [column.targetId, shown(entry.targetId)],
          [column.matchingValue, shown(entry.matchingValue)],
          [column.attempts, entry.attempts],
          [
            column.job,
            <Link key="job" to={pages.job(entry.jobId)}>
              {entry.jobId}
            </Link>,
          ],
          [column.cycleId, entry.cycleId],
          [column.changeId, entry.changeId],
        ]}
      />
      {id !== null && <Link to={pages.person(id)}>{said.story}</Link>}
    </>
  );
}
