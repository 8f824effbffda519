import { createDOMRenderer, FluentProvider, RendererProvider } from '@fluentui/react-components';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactElement, useEffect } from 'react';

import { meQuery } from '../api/get-me.js';
import { ApiProblem } from '../api/request.js';
import { Shell } from './shell.js';
import { useTheme } from './use-theme.js';

/** What the server refuses in words it will refuse again; everything else may heal. */
const mayHeal = (error: Error): boolean => error instanceof ApiProblem && error.kind === 'unreachable';
const tries = 1;

/** Whatever is refused for want of a sign-in: who asks is asked anew, and the page of signing in comes with the answer. */
const cache = new QueryCache({
  onError: (error, { queryKey }) => {
    if (error instanceof ApiProblem && error.status === 401 && queryKey[0] !== meQuery.queryKey[0])
      void queries.invalidateQueries({ queryKey: meQuery.queryKey });
  },
});

const queries = new QueryClient({
  queryCache: cache,
  defaultOptions: {
    queries: {
      networkMode: 'always', // the server may be on this very machine
      staleTime: 1_000,
      retry: (failures, error) => failures <= tries && mayHeal(error),
      retryDelay: 500,
    },
    mutations: { networkMode: 'always' },
  },
});

/** Styles that are made while the page runs carry the nonce that the server gave to it. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
const renderer = createDOMRenderer(document, { styleElementAttributes: { nonce } });

export function App(): ReactElement {
  const { theme, isDark, appearance, choose } = useTheme();
  useEffect(() => {
    document.documentElement.style.colorScheme = isDark ? 'dark' : 'light';
  }, [isDark]);
  return (
    <RendererProvider renderer={renderer} targetDocument={document}>
      <FluentProvider theme={theme}>
        <QueryClientProvider client={queries}>
          <Shell appearance={appearance} choose={choose} />
        </QueryClientProvider>
      </FluentProvider>
    </RendererProvider>
  );
}
