import { Text } from '@fluentui/react-components';
import type { LogEntryView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { detailsTexts } from '../../texts/en/details.js';
import { DataTable } from '../data-table.js';
import { Link } from '../link.js';
import { pages } from '../pages.js';
import { isMembers } from './members.js';

const said = detailsTexts.members;
const mostShown = 200;

/** Who joined a group and who left it by a change: each leads to their own page. */
export function MembersTable({ modified }: { modified: LogEntryView['modified'] }): ReactElement | null {
  const changed = modified
    .filter(isMembers)
    .flatMap(({ old, new: joined }) => [
      ...(joined ?? []).map((key) => ({ key, what: said.joined })),
      ...(old ?? []).map((key) => ({ key, what: said.left })),
    ]);
  if (changed.length === 0) return null;
  return (
    <>
      <DataTable
        label={said.title}
        columns={[said.who, said.what]}
        rows={changed.slice(0, mostShown).map(({ key, what }) => [
          `${what} ${key}`,
          <Link key="who" to={pages.person(key.slice(key.indexOf(':') + 1))}>
            {said.member(key)}
          </Link>,
          what,
        ])}
      />
      {changed.length > mostShown && <Text>{said.more(changed.length - mostShown)}</Text>}
    </>
  );
}
