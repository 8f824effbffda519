import { AddSquareRegular } from '@fluentui/react-icons/svg/add-square';
import { DocumentTextRegular } from '@fluentui/react-icons/svg/document-text';
import { HistoryRegular } from '@fluentui/react-icons/svg/history';
import { HomeRegular } from '@fluentui/react-icons/svg/home';
import { KeyRegular } from '@fluentui/react-icons/svg/key';
import { LockClosedRegular } from '@fluentui/react-icons/svg/lock-closed';
import { PersonSearchRegular } from '@fluentui/react-icons/svg/person-search';
import { SettingsRegular } from '@fluentui/react-icons/svg/settings';
import type { ReactElement } from 'react';

import { pages } from '../shared/pages.js';
import type { Permission } from '../shared/use-may.js';
import { texts } from '../texts/en.js';

export interface Place {
  readonly to: string;
  readonly name: string;
  readonly icon: ReactElement;
  /** Without this permission it is not shown. */
  readonly needs?: Permission;
}

/** The menu, in its order. A page that is added is a line here and one in `routes.tsx`. */
export const places: readonly Place[] = [
  { to: pages.overview, name: texts.nav.overview, icon: <HomeRegular /> },
  { to: pages.log(), name: texts.nav.log, icon: <DocumentTextRegular /> },
  { to: pages.people, name: texts.nav.people, icon: <PersonSearchRegular /> },
  { to: pages.newJob, name: texts.nav.newJob, icon: <AddSquareRegular />, needs: 'configure' },
  { to: pages.audit, name: texts.nav.audit, icon: <HistoryRegular /> },
  { to: pages.settings, name: texts.nav.settings, icon: <SettingsRegular /> },
  { to: pages.secrets, name: texts.nav.secrets, icon: <LockClosedRegular />, needs: 'secure' },
  { to: pages.tokens, name: texts.nav.tokens, icon: <KeyRegular />, needs: 'secure' },
];

/** Whether a menu entry stands for the open page. */
export const isAt = (to: string, path: string): boolean => (to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`));
