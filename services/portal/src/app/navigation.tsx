import { AddSquareRegular } from '@fluentui/react-icons/svg/add-square';
import { DocumentTextRegular } from '@fluentui/react-icons/svg/document-text';
import { HomeRegular } from '@fluentui/react-icons/svg/home';
import { PersonSearchRegular } from '@fluentui/react-icons/svg/person-search';
import type { ReactElement } from 'react';

import { pages } from '../shared/pages.js';
import { texts } from '../texts/en.js';

export interface Place {
  readonly to: string;
  readonly name: string;
  readonly icon: ReactElement;
}

/** The menu, in its order. A page that is added is a line here and one in `routes.tsx`. */
export const places: readonly Place[] = [
  { to: pages.overview, name: texts.nav.overview, icon: <HomeRegular /> },
  { to: pages.log(), name: texts.nav.log, icon: <DocumentTextRegular /> },
  { to: pages.people, name: texts.nav.people, icon: <PersonSearchRegular /> },
  { to: pages.newJob, name: texts.nav.newJob, icon: <AddSquareRegular /> },
];

/** Whether a menu entry stands for the open page. */
export const isAt = (to: string, path: string): boolean => (to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`));
