import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger, Text, makeStyles, tokens } from '@fluentui/react-components';
import { PersonRegular } from '@fluentui/react-icons/svg/person';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { meQuery } from '../api/get-me.js';
import { setBearer } from '../api/session.js';
import { texts } from '../texts/en.js';

const useStyles = makeStyles({
  text: { display: 'block', padding: tokens.spacingHorizontalS, maxWidth: '280px', overflowWrap: 'anywhere' },
});

const said = texts.access;

/** Who has signed in, and the way out. Where nobody has to sign in there is neither. */
export function WhoMenu(): ReactElement | null {
  const styles = useStyles();
  const queries = useQueryClient();
  const { data: me } = useQuery(meQuery);
  if (!me || me.signedIn === 'local') return null;
  const leave = (): void => {
    setBearer(null);
    void queries.resetQueries();
  };
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<PersonRegular />} aria-label={said.signedInAs(me.name)} />
      </MenuTrigger>
      <MenuPopover>
        <Text className={styles.text}>{said.signedInAs(me.name)}</Text>
        <MenuList>
          <MenuItem onClick={leave}>{said.signOut}</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
