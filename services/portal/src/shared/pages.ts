import { type Search } from './location.js';

const withSearch = (path: string, search: Search): string => {
  const said = new URLSearchParams(search).toString();
  return said === '' ? path : `${path}?${said}`;
};

/** Addresses of the portal's pages, made in one place. */
export const pages = {
  overview: '/',
  newJob: '/new-job',
  audit: '/audit',
  settings: '/settings',
  secrets: '/secrets',
  tokens: '/tokens',
  log: (search: Search = {}) => withSearch('/log', search),
  job: (jobId: string, tab?: string) => withSearch(`/jobs/${encodeURIComponent(jobId)}`, tab === undefined ? {} : { tab }),
  plan: (jobId: string, search: Search = {}) => withSearch(`/jobs/${encodeURIComponent(jobId)}/plan`, search),
  people: '/people',
  person: (id: string) => withSearch('/people', { id }),
} as const;
