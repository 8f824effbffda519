import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { LogEntryView, NamesByKey } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { logEntryQuery } from '../../api/find-log-entry.js';
import { detailsTexts } from '../../texts/en/details.js';
import { DataTable } from '../data-table.js';
import { Link } from '../link.js';
import { pages } from '../pages.js';
import { isMembers, memberSaid } from './members.js';

const useStyles = makeStyles({ quiet: { color: tokens.colorNeutralForeground2 } });

const said = detailsTexts.members;
const mostShown = 200;

type MembersTableProps = Pick<LogEntryView, 'changeId' | 'modified' | 'memberNames'>;

/** Who joined a group and who left it by a change, by name as soon as that is known: each leads to their own page. */
export function MembersTable({ changeId, modified, memberNames }: MembersTableProps): ReactElement | null {
  const changed = modified
    .filter(isMembers)
    .flatMap(({ old, new: joined }) => [
      ...(joined ?? []).map((key) => ({ key, what: said.joined })),
      ...(old ?? []).map((key) => ({ key, what: said.left })),
    ]);
  // A page of the log comes without names, the entry alone has them.
  const { data } = useQuery({ ...logEntryQuery(changeId), enabled: changed.length > 0 && memberNames === undefined });
  const names = memberNames ?? data?.memberNames;
  if (changed.length === 0) return null;
  return (
    <>
      <DataTable
        label={said.title}
        columns={[said.who, said.what]}
        rows={changed
          .slice(0, mostShown)
          .map(({ key, what }) => [`${what} ${key}`, <Member key="who" objectKey={key} names={names} />, what])}
      />
      {changed.length > mostShown && <Text>{said.more(changed.length - mostShown)}</Text>}
    </>
  );
}

function Member({ objectKey, names }: { objectKey: string; names: NamesByKey | undefined }): ReactElement {
  const styles = useStyles();
  const id = said.member(objectKey);
  const name = memberSaid(objectKey, names);
  return (
    <span>
      <Link to={pages.person(objectKey.slice(objectKey.indexOf(':') + 1))}>{name}</Link>{' '}
      {name !== id && (
        <Text size={200} className={styles.quiet}>
          {id}
        </Text>
      )}
    </span>
  );
}
