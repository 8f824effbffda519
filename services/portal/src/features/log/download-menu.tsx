import { Button, Menu, MenuGroup, MenuGroupHeader, MenuItem, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components';
import { ArrowDownloadRegular } from '@fluentui/react-icons/svg/arrow-download';
import type { JobStatusView, LogEntryView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { logTexts } from '../../texts/en/log.js';
import { type ColumnId, columns } from './columns.js';
import { csvOf, jsonOf, saveAs } from '../../shared/download.js';

interface DownloadMenuProps {
  readonly entries: readonly LogEntryView[];
  readonly chosen: readonly ColumnId[];
  readonly jobs: ReadonlyMap<string, JobStatusView>;
}

const said = logTexts;

/** Keeps the loaded entries as a file: CSV with the chosen columns and UTC, JSON with everything. */
export function DownloadMenu({ entries, chosen, jobs }: DownloadMenuProps): ReactElement {
  const fileName = (ending: string): string => `provisioning-log-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.${ending}`;
  const text = (id: ColumnId, entry: LogEntryView): string => (id === 'at' ? entry.at : columns[id].text(entry, jobs));
  const csv = (): string => csvOf([chosen.map((id) => said.column[id]), ...entries.map((entry) => chosen.map((id) => text(id, entry)))]);
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button icon={<ArrowDownloadRegular />} disabled={entries.length === 0}>
          {said.download}
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuGroup>
            <MenuGroupHeader>{said.downloadHint(entries.length)}</MenuGroupHeader>
            <MenuItem onClick={() => saveAs(fileName('csv'), 'text/csv;charset=utf-8', csv())}>{said.downloadCsv}</MenuItem>
            <MenuItem onClick={() => saveAs(fileName('json'), 'application/json', jsonOf(entries))}>{said.downloadJson}</MenuItem>
          </MenuGroup>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
