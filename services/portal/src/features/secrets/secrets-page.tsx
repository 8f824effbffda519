import { Button, makeStyles, Subtitle1, Text, tokens } from '@fluentui/react-components';
import type { SecretView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { deleteSecret, rotateVault, secretsQuery, vaultQuery } from '../../api/secrets.js';
import { Confirm } from '../../shared/confirm.js';
import { DataTable } from '../../shared/data-table.js';
import { FactList } from '../../shared/fact-list.js';
import { Link } from '../../shared/link.js';
import { NotAllowed } from '../../shared/not-allowed.js';
import { Page } from '../../shared/page.js';
import { pages } from '../../shared/pages.js';
import { SecretDialog } from '../../shared/secrets/secret-dialog.js';
import { SecretState } from '../../shared/secrets/secret-state.js';
import { Empty, Loading, Problem } from '../../shared/states.js';
import { useMay } from '../../shared/use-may.js';
import { useOrder } from '../../shared/use-order.js';
import { texts } from '../../texts/en.js';
import { secretsTexts as said } from '../../texts/en/secrets.js';

const useStyles = makeStyles({
  heading: { margin: 0 },
  part: { display: 'flex', flexDirection: 'column', alignItems: 'start', gap: tokens.spacingVerticalS },
  place: { display: 'block' },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

/** Secrets that jobs refer to by name: they go in here, and never come out. */
export function SecretsPage(): ReactElement {
  const may = useMay('secure');
  const make = (
    <SecretDialog>
      <Button appearance="primary">{said.make}</Button>
    </SecretDialog>
  );
  return (
    <Page title={said.title} actions={may && make}>
      <Text>{said.lead}</Text>
      {may ? (
        <>
          <Secrets />
          <Vault />
        </>
      ) : (
        <NotAllowed permission="secure" />
      )}
    </Page>
  );
}

function Secrets(): ReactElement {
  const styles = useStyles();
  const { data, error, refetch } = useQuery(secretsQuery);
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />;
  if (data.length === 0) return <Empty title={said.none} />;
  const { column } = said;
  return (
    <DataTable
      label={said.title}
      columns={[column.name, column.state, column.usedBy, column.do]}
      rows={data.map((secret) => [
        secret.name,
        secret.name,
        <SecretState key="state" {...secret} />,
        !isUsed(secret) ? (
          said.nobody
        ) : (
          <span key="used">
            {secret.usedBy.map(({ jobId, place }) => (
              <span key={`${jobId} ${place}`} className={styles.place}>
                <Link to={pages.job(jobId, 'credentials')}>{jobId}</Link> {place}
              </span>
            ))}
            {(secret.usedByStreams ?? []).map((streamId) => (
              <span key={streamId} className={styles.place}>
                {said.stream(streamId)}
              </span>
            ))}
          </span>
        ),
        <Buttons key="do" secret={secret} />,
      ])}
    />
  );
}

const isUsed = ({ usedBy, usedByStreams }: SecretView): boolean => usedBy.length > 0 || (usedByStreams ?? []).length > 0;

function Buttons({ secret }: { secret: SecretView }): ReactElement {
  const { name, setAt } = secret;
  const styles = useStyles();
  const { give, isPending } = useOrder();
  const isThere = setAt !== null;
  return (
    <span className={styles.buttons}>
      <SecretDialog name={name} isThere={isThere}>
        <Button size="small" aria-label={isThere ? said.replaceOf(name) : said.setOf(name)}>
          {isThere ? said.replace : said.set}
        </Button>
      </SecretDialog>
      {isThere && !isUsed(secret) && (
        <Confirm
          title={said.removeTitle(name)}
          text={said.removeText}
          action={said.remove}
          onConfirm={() => give(() => deleteSecret(name))}
        >
          <Button size="small" disabledFocusable={isPending} aria-label={said.removeOf(name)}>
            {said.remove}
          </Button>
        </Confirm>
      )}
    </span>
  );
}

function Vault(): ReactElement {
  const styles = useStyles();
  const { data, error, refetch } = useQuery(vaultQuery);
  const { give, isPending } = useOrder();
  return (
    <section className={styles.part}>
      <Subtitle1 as="h2" className={styles.heading}>
        {said.vault}
      </Subtitle1>
      <Text>{said.vaultLead}</Text>
      {error && !data && <Problem error={error} retry={() => void refetch()} />}
      {data && (
        <FactList
          facts={[
            [said.masterKey, data.masterKey ?? said.noKey],
            [said.dataKeys, data.dataKeys.map(({ masterKey, count }) => said.under(count, masterKey)).join(', ') || texts.common.none],
          ]}
        />
      )}
      <Confirm title={said.rotateTitle} text={said.rotateText} action={said.rotate} onConfirm={() => give(rotateVault)}>
        <Button disabledFocusable={isPending}>{said.rotate}</Button>
      </Confirm>
    </section>
  );
}
