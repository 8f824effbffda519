import { accessPaths, SignInView } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { getJson } from './request.js';

/** How one signs in: told to everybody. */
export const signInQuery = queryOptions({
  queryKey: ['sign-in'],
  queryFn: ({ signal }) => getJson(SignInView, accessPaths.signIn, {}, signal),
});
