import { Badge, makeStyles, tokens } from '@fluentui/react-components';
import type { ReactElement } from 'react';

import { secretsTexts as said } from '../../texts/en/secrets.js';
import { Instant } from '../instant.js';

const useStyles = makeStyles({
  line: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', columnGap: tokens.spacingHorizontalS },
});

/** Whether a secret is there, since when and by whom. */
export function SecretState({ setAt, setBy }: { setAt: string | null; setBy: string | null }): ReactElement {
  const styles = useStyles();
  const isSet = setAt !== null;
  return (
    <span className={styles.line}>
      <Badge appearance="tint" shape="rounded" size="large" color={isSet ? 'success' : 'danger'}>
        {isSet ? said.isSet : said.missing}
      </Badge>
      {isSet ? (
        <span>
          <Instant at={setAt} /> {setBy !== null && said.setBy(setBy)}
        </span>
      ) : (
        said.missingHint
      )}
    </span>
  );
}
