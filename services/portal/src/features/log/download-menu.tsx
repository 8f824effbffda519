import { Button, Menu, MenuGroup, MenuGroupHeader, MenuItem, MenuList, MenuPopover, MenuTrigger, Text } from '@fluentui/react-components';
import { ArrowDownloadRegular } from '@fluentui/react-icons/svg/arrow-download';
import type { JobStatusView, LogEntryView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { Problem } from '../../shared/states.js';
import { texts } from '../../texts/en.js';
import { logTexts as said } from '../../texts/en/log.js';
import { type ColumnId, columns, inFile } from './columns.js';
import { csvFile, jsonFile } from './log-file.js';
import type { LogDownload } from './use-log-download.js';

interface DownloadMenuProps {
  readonly download: LogDownload;
  /** Entries that are loaded, and whether these are all that match. */
  readonly loaded: number;
  readonly isAll: boolean;
  readonly chosen: readonly ColumnId[];
  readonly jobs: ReadonlyMap<string, JobStatusView>;
}

/** Keeps all entries that match as a file: CSV with the chosen columns and UTC, JSON with everything. */
export function DownloadMenu({ download: { begin, state }, loaded, isAll, chosen, jobs }: DownloadMenuProps): ReactElement {
  const text = (id: ColumnId, entry: LogEntryView): string => (id === 'at' ? entry.at : columns[id].text(entry, jobs));
  const kept = inFile(chosen);
  const csv = csvFile(
    kept.map((id) => said.column[id]),
    (entry) => kept.map((id) => text(id, entry)),
  );
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button icon={<ArrowDownloadRegular />} disabledFocusable={loaded === 0 || state === 'running'}>
          {said.download}
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuGroup>
            <MenuGroupHeader>{isAll ? said.downloadAll(loaded) : said.downloadMore(loaded)}</MenuGroupHeader>
            <MenuItem onClick={() => begin(csv)}>{said.downloadCsv}</MenuItem>
            <MenuItem onClick={() => begin(jsonFile)}>{said.downloadJson}</MenuItem>
          </MenuGroup>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

/** How far it is, in words. */
export function DownloadProgress({ download: { state, count, error, cancel } }: { download: LogDownload }): ReactElement | null {
  if (state === 'none') return null;
  if (error) return <Problem error={error} />;
  return (
    <>
      <Text role="status">{state === 'running' ? said.downloading(count) : said.downloaded(count)}</Text>
      {state === 'running' && (
        <Button size="small" onClick={cancel}>
          {texts.common.cancel}
        </Button>
      )}
    </>
  );
}
