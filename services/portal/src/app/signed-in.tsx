import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, Suspense, useCallback } from 'react';

import { meQuery } from '../api/get-me.js';
import { ApiProblem } from '../api/request.js';
import { bearer, setBearer } from '../api/session.js';
import { lazily } from '../shared/lazily.js';
import { NotAllowed } from '../shared/not-allowed.js';
import { Page } from '../shared/page.js';
import { Loading } from '../shared/states.js';
import { isAllowed } from '../shared/use-may.js';
import { texts } from '../texts/en.js';

const SignInPage = lazily(async () => (await import('../features/sign-in/sign-in-page.js')).SignInPage);

/** The pages for whoever the server lets in; the sign-in, at the same address, for whom it does not. */
export function SignedIn({ children }: { children: ReactNode }): ReactElement {
  const queries = useQueryClient();
  const { data, error, isPending } = useQuery(meQuery);
  const signIn = useCallback(
    (token: string) => {
      setBearer(token);
      void queries.resetQueries();
    },
    [queries],
  );
  if (error instanceof ApiProblem && error.status === 401)
    return (
      <Suspense fallback={<Loading />}>
        <SignInPage refused={bearer() === null ? undefined : error.message} signIn={signIn} />
      </Suspense>
    );
  if (data && !isAllowed(data, 'read'))
    return (
      <Page title={texts.access.nothing}>
        <NotAllowed permission="read" />
      </Page>
    );
  return isPending ? <Loading /> : <>{children}</>;
}
