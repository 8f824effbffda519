import { Badge, makeStyles, MessageBar, MessageBarBody, MessageBarTitle, Text, tokens } from '@fluentui/react-components';
import type { JobStatusView, PersonStoryView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { DataTable } from '../../shared/data-table.js';
import { Value } from '../../shared/entry/changes-table.js';
import { DifferingMembers } from '../../shared/entry/differing-members.js';
import { revisionsQuery } from '../../shared/revisions.js';
import { driftTexts } from '../../texts/en/drift.js';
import { personTexts } from '../../texts/en/person.js';
import { type Compared, rulesAt, sideBySide } from './side-by-side.js';

const useStyles = makeStyles({
  attribute: { display: 'block', maxWidth: '240px' },
  from: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200, display: 'block', overflowWrap: 'anywhere' },
  code: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
  differs: { fontWeight: tokens.fontWeightSemibold },
});

const said = personTexts.compared;

interface SideBySideProps {
  readonly object: PersonStoryView['objects'][number];
  readonly job: JobStatusView;
  /** Undefined: now. */
  readonly at?: string | undefined;
}

/** Values of one account: in the source, as the rules expect them, and as they were found in the target; marked where these differ. */
export function SideBySide({ object, job, at }: SideBySideProps): ReactElement | null {
  const styles = useStyles();
  const { data: revisions } = useQuery(revisionsQuery(job.jobId, job.revision));
  if (!revisions) return null;
  const rows = sideBySide(object, rulesAt(revisions, at));
  const differing = rows.filter(({ differs }) => differs).length;
  const hidden = rows.filter(({ isHidden }) => isHidden).length;
  if (rows.length === 0 && !object.driftOfMembers) return null;
  return (
    <>
      {object.driftOfMembers && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{said.driftOfMembers}</MessageBarTitle>{' '}
            <DifferingMembers members={object.driftOfMembers} names={object.memberNames} />
          </MessageBarBody>
        </MessageBar>
      )}
      {object.drift && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{said.drift(driftTexts.account[object.drift])}</MessageBarBody>
        </MessageBar>
      )}
      <Text>{object.account.id === null ? said.noAccount : object.expected ? said.summary(differing, hidden) : said.notWanted}</Text>
      <DataTable
        label={said.table}
        columns={[said.attribute, said.source, said.expected, said.found]}
        rows={rows.map((row) => [
          row.attribute,
          <span key="attribute" className={styles.attribute}>
            {row.attribute}
          </span>,
          <Source key="source" row={row} />,
          <Value key="expected" value={row.expected} />,
          <Found key="found" row={row} />,
        ])}
      />
    </>
  );
}

function Found({ row: { found, differs } }: { row: Compared }): ReactElement {
  const styles = useStyles();
  if (!differs) return <Value value={found} />;
  return (
    <span className={styles.differs}>
      <Value value={found} />{' '}
      <Badge appearance="tint" color="warning" shape="rounded">
        {said.differs}
      </Badge>
    </span>
  );
}

function Source({ row: { mapping, source } }: { row: Compared }): ReactElement {
  const styles = useStyles();
  const from = mapping?.source ?? mapping?.reference;
  if (from !== undefined)
    return (
      <span>
        <Value value={source} />
        <span className={styles.from}>{from}</span>
      </span>
    );
  if (mapping?.expression !== undefined) return <span className={styles.code}>{mapping.expression}</span>;
  return <span className={styles.from}>{mapping?.constant === undefined ? said.byDefault : said.constant}</span>;
}
