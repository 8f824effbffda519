import { Badge, Button, Text } from '@fluentui/react-components';
import type { TokenView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { revokeToken, tokensQuery } from '../../api/api-tokens.js';
import { Confirm } from '../../shared/confirm.js';
import { DataTable } from '../../shared/data-table.js';
import { Instant } from '../../shared/instant.js';
import { NotAllowed } from '../../shared/not-allowed.js';
import { Page } from '../../shared/page.js';
import { Empty, Loading, Problem } from '../../shared/states.js';
import { useMay } from '../../shared/use-may.js';
import { useOrder } from '../../shared/use-order.js';
import { accessTexts } from '../../texts/en/access.js';
import { MakeToken } from './make-token.js';

const said = accessTexts.tokens;
const colours = { valid: 'success', expired: 'informative', revoked: 'danger' } as const;

/** API tokens: made, looked at, and revoked. */
export function TokensPage(): ReactElement {
  const may = useMay('secure');
  return (
    <Page title={said.title} actions={may && <MakeToken />}>
      <Text>{said.lead}</Text>
      {may ? <Tokens /> : <NotAllowed permission="secure" />}
    </Page>
  );
}

function Tokens(): ReactElement {
  const { data, error, refetch } = useQuery(tokensQuery);
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />;
  if (data.length === 0) return <Empty title={said.none} />;
  const { column } = said;
  return (
    <DataTable
      label={said.title}
      columns={[column.name, column.state, column.rights, column.created, column.expires, column.used, column.do]}
      rows={data.map((token) => [
        token.tokenId,
        token.name,
        <Badge key="state" appearance="tint" shape="rounded" size="large" color={colours[token.state]}>
          {said.state[token.state]}
        </Badge>,
        token.grants.map(grantSaid).join('; '),
        <span key="created">
          <Instant at={token.createdAt} /> {said.by(token.createdBy.name)}
        </span>,
        <Instant key="expires" at={token.expiresAt} />,
        <Instant key="used" at={token.lastUsedAt} />,
        token.state === 'valid' ? <Revoke key="revoke" token={token} /> : '',
      ])}
    />
  );
}

const grantSaid = ({ role, jobs }: TokenView['grants'][number]): string =>
  `${accessTexts.roles[role].split(':')[0]} (${jobs === null ? said.allJobs : jobs.join(', ')})`;

function Revoke({ token: { tokenId, name } }: { token: TokenView }): ReactElement {
  const { give, isPending } = useOrder();
  return (
    <Confirm title={said.revokeTitle(name)} text={said.revokeText} action={said.revoke} onConfirm={() => give(() => revokeToken(tokenId))}>
      <Button size="small" disabledFocusable={isPending} aria-label={said.revokeOf(name)}>
        {said.revoke}
      </Button>
    </Confirm>
  );
}
