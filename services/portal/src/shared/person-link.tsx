import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { ReactElement } from 'react';

import { Link } from './link.js';
import { pages } from './pages.js';

const useStyles = makeStyles({ id: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' } });

interface PersonLinkProps {
  readonly id: string;
  /** Null where none is known: the id stands for it. */
  readonly name: string | null;
}

/** A person or group by name, with the id beside it, for two people may have one name. */
export function PersonLink({ id, name }: PersonLinkProps): ReactElement {
  const styles = useStyles();
  return (
    <span>
      <Link to={pages.person(id)}>{name ?? id}</Link>{' '}
      {name !== null && name !== id && (
        <Text size={200} className={styles.id}>
          {id}
        </Text>
      )}
    </span>
  );
}
