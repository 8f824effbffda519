import {
  Button,
  Checkbox,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  makeStyles,
  tokens,
} from '@fluentui/react-components';
import { ArrowDownRegular } from '@fluentui/react-icons/svg/arrow-down';
import { ArrowUpRegular } from '@fluentui/react-icons/svg/arrow-up';
import { TableSettingsRegular } from '@fluentui/react-icons/svg/table-settings';
import type { ReactElement } from 'react';

import { texts } from '../../texts/en.js';
import { logTexts } from '../../texts/en/log.js';
import { allColumns, type ColumnId, moved, usualColumns } from './columns.js';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  row: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalXS },
  name: { marginRight: 'auto' },
});

const said = logTexts;

/** Chooses columns and their order. */
export function ColumnsDialog({ chosen, choose }: { chosen: readonly ColumnId[]; choose: (columns: ColumnId[]) => void }): ReactElement {
  const styles = useStyles();
  const others = allColumns.filter((id) => !chosen.includes(id));
  return (
    <Dialog>
      <DialogTrigger disableButtonEnhancement>
        <Button icon={<TableSettingsRegular />}>{said.columns}</Button>
      </DialogTrigger>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{said.columnsTitle}</DialogTitle>
          <DialogContent>
            <ul className={styles.list}>
              {[...chosen, ...others].map((id) => {
                const name = said.column[id];
                const isChosen = chosen.includes(id);
                return (
                  <li key={id} className={styles.row}>
                    <Checkbox
                      className={styles.name}
                      label={name}
                      checked={isChosen}
                      disabled={isChosen && chosen.length === 1}
                      onChange={() => choose(isChosen ? chosen.filter((each) => each !== id) : [...chosen, id])}
                    />
                    {isChosen && (
                      <>
                        <Button
                          appearance="subtle"
                          icon={<ArrowUpRegular />}
                          aria-label={said.up(name)}
                          disabledFocusable={chosen[0] === id}
                          onClick={() => choose(moved(chosen, id, -1))}
                        />
                        <Button
                          appearance="subtle"
                          icon={<ArrowDownRegular />}
                          aria-label={said.down(name)}
                          disabledFocusable={chosen.at(-1) === id}
                          onClick={() => choose(moved(chosen, id, 1))}
                        />
                      </>
                    )}
                  </li>
                );
              })}
            </ul>
          </DialogContent>
          <DialogActions>
            <Button onClick={() => choose(usualColumns)}>{said.reset}</Button>
            <DialogTrigger disableButtonEnhancement>
              <Button appearance="primary">{texts.common.close}</Button>
            </DialogTrigger>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
