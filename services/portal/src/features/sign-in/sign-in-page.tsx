import { Button, Field, Input, makeStyles, MessageBar, MessageBarBody, MessageBarTitle, Text, tokens } from '@fluentui/react-components';
import { portalPath, type SignInView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useEffect, useRef, useState } from 'react';

import { signInQuery } from '../../api/get-sign-in.js';
import { goTo } from '../../shared/location.js';
import { Page } from '../../shared/page.js';
import { Loading, Problem } from '../../shared/states.js';
import { accessTexts as said } from '../../texts/en/access.js';
import { authorizationUrl, type Begun, begin, type Provider, redeem, returnedIn } from './open-id.js';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', alignItems: 'start', gap: tokens.spacingVerticalM, maxWidth: '480px' },
  field: { width: '100%' },
});

interface SignInPageProps {
  /** What the server said of the last attempt; undefined when there was none. */
  readonly refused: string | undefined;
  readonly signIn: (token: string) => void;
}

/** Asks who somebody is. The address stays what it was, so that they are where they wanted to be once they have said it. */
export function SignInPage({ refused, signIn }: SignInPageProps): ReactElement {
  const { data, error, refetch } = useQuery(signInQuery);
  return (
    <Page title={said.title}>
      <Text>{said.lead}</Text>
      {data ? (
        <Ways ways={data} refused={refused} signIn={signIn} />
      ) : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

const begunKey = 'provident.sign-in';
const redirectUri = (): string => `${window.location.origin}${portalPath}/`;

/** Why the provider sent somebody back: it outlives the page, which is made anew at the address that they had asked for. */
let saidByProvider: string | undefined;

function Ways({ ways, refused, signIn }: { ways: SignInView } & SignInPageProps): ReactElement {
  const styles = useStyles();
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string | undefined>(refused ?? saidByProvider);
  const [isReturning, setReturning] = useState(false);
  const provider = providerOf(ways);
  const hasReturned = useRef(false);
  const [known, setKnown] = useState(refused);
  if (known !== refused) {
    setKnown(refused);
    if (refused !== undefined) setProblem(refused);
  }
  useEffect(() => {
    if (!provider || hasReturned.current) return;
    const begun = readBegun();
    const returned = returnedIn(window.location.search, begun, said.stranger);
    if (!returned) return;
    hasReturned.current = true; // a code is good for one time
    window.sessionStorage.removeItem(begunKey);
    saidByProvider = 'problem' in returned ? returned.problem : begun ? undefined : said.stranger;
    setProblem(saidByProvider);
    goTo(begun?.page ?? '/', { replace: true });
    if ('problem' in returned || !begun) return;
    setReturning(true);
    redeem(provider, returned.code, begun, redirectUri())
      .then(signIn, (cause: unknown) => setProblem(cause instanceof Error ? cause.message : String(cause)))
      .finally(() => setReturning(false));
  }, [provider, signIn]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saidByProvider = undefined;
    if (token.trim() !== '') signIn(token.trim());
  };
  const leave = async (to: Provider): Promise<void> => {
    saidByProvider = undefined;
    const begun = begin(window.location.pathname.slice(portalPath.length) + window.location.search);
    window.sessionStorage.setItem(begunKey, JSON.stringify(begun));
    window.location.assign(await authorizationUrl(to, begun, redirectUri()));
  };
  if (isReturning) return <Text role="status">{said.back}</Text>;
  return (
    <form className={styles.form} onSubmit={submit}>
      {problem !== undefined && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{said.refused}</MessageBarTitle> {problem}
          </MessageBarBody>
        </MessageBar>
      )}
      {provider && (
        <>
          <Button appearance="primary" onClick={() => void leave(provider)}>
            {said.with(new URL(ways.openId?.issuer ?? provider.authorizationEndpoint).host)}
          </Button>
          <Text>{said.or}</Text>
        </>
      )}
      {ways.openId?.clientId && !provider && <Text>{said.openIdAway}</Text>}
      <Field label={said.token} hint={said.tokenHint} className={styles.field}>
        <Input type="password" autoComplete="off" value={token} onChange={(_, { value }) => setToken(value)} />
      </Field>
      <Button type="submit" appearance={provider ? 'secondary' : 'primary'}>
        {said.signIn}
      </Button>
    </form>
  );
}

/** Null: there is no such sign-in, or it cannot be reached. */
function providerOf({ openId }: SignInView): Provider | null {
  if (!openId?.clientId || !openId.authorizationEndpoint || !openId.tokenEndpoint) return null;
  const { clientId, scopes, authorizationEndpoint, tokenEndpoint } = openId;
  return { clientId, scopes, authorizationEndpoint, tokenEndpoint };
}

function readBegun(): Begun | null {
  try {
    return JSON.parse(window.sessionStorage.getItem(begunKey) ?? 'null') as Begun | null;
  } catch {
    return null;
  }
}
