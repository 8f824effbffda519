import { makeStyles } from '@fluentui/react-components';
import type { DriftView, NamesByKey } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { driftTexts as said } from '../../texts/en/drift.js';
import { detailsTexts } from '../../texts/en/details.js';
import { memberSaid } from './members.js';

const useStyles = makeStyles({ line: { display: 'block', overflowWrap: 'anywhere' } });

interface DifferingMembersProps {
  readonly members: NonNullable<DriftView['members']>;
  readonly names: NamesByKey | undefined;
}

/** Who was taken out of a group by hand, and who was put in. */
export function DifferingMembers({ members: { missing, added, examples }, names }: DifferingMembersProps): ReactElement {
  const styles = useStyles();
  const named = (keys: readonly string[]): string[] => keys.map((key) => memberSaid(key, names));
  const ids = (keys: readonly string[]): string => keys.map(detailsTexts.members.member).join(', ');
  return (
    <>
      {missing > 0 && (
        <span className={styles.line} title={ids(examples.missing)}>
          {said.missing(missing, named(examples.missing))}
        </span>
      )}
      {added > 0 && (
        <span className={styles.line} title={ids(examples.added)}>
          {said.added(added, named(examples.added))}
        </span>
      )}
    </>
  );
}
