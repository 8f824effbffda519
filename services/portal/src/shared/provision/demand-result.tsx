import { Badge, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { OnDemandResult } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { texts } from '../../texts/en.js';
import { provisionTexts } from '../../texts/en/provision.js';
import { detailsTexts } from '../../texts/en/details.js';
import { ChangesTable } from '../entry/changes-table.js';
import { StepList } from '../entry/step-list.js';
import { withLocalTimes } from '../format.js';
import { Link } from '../link.js';
import { pages } from '../pages.js';

const useStyles = makeStyles({
  result: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, minWidth: 0 },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
});

const colours = {
  success: 'success',
  skipped: 'informative',
  failure: 'danger',
  'not-found': 'danger',
  held: 'warning',
  'in-progress': 'brand',
} as const;
const said = provisionTexts;

/** What became of an object that was asked for: the outcome with its reason, then every step with its values. */
export function DemandResult({ result }: { result: OnDemandResult }): ReactElement {
  const styles = useStyles();
  const { status, action, reason, source, target, steps, modified } = result;
  const areShown = steps.some(({ details }) => Array.isArray(details['changes']));
  return (
    <section className={styles.result} aria-label={said.outcome}>
      <div className={styles.head}>
        <Badge appearance="tint" shape="rounded" size="large" color={colours[status]}>
          {said.status[status]}
        </Badge>
        <strong>{said.did[action]}</strong>
        <Text>{said.way(`${source.system} ${source.id}`, target.id === null ? target.system : `${target.system} ${target.id}`)}</Text>
      </div>
      {reason && <Text>{withLocalTimes(reason.text)}</Text>}
      {status === 'in-progress' && (
        <Text>
          {said.later} <Link to={pages.log({ user: source.id })}>{texts.overview.seeLog}</Link>
        </Text>
      )}
      <StepList
        isOpen
        steps={steps.map(({ name, description, ...rest }, index) => ({ ...rest, key: index, title: name, text: description }))}
      />
      {modified.length > 0 && !areShown && (
        <>
          <Text>{detailsTexts.modifiedNotWritten}</Text>
          <ChangesTable modified={modified} />
        </>
      )}
    </section>
  );
}
