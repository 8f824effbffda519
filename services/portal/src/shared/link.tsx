import { Link as FluentLink, type LinkProps } from '@fluentui/react-components';
import type { MouseEvent, ReactElement } from 'react';

import { goTo, hrefOf } from './location.js';

/** Whether a click asks for this window: everything else is the browser's business. */
export const isPlainClick = (event: MouseEvent): boolean =>
  event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

/** For anything that takes `href` and `onClick`: a real link that does not load the page anew. */
export const linkTo = (to: string) => ({
  href: hrefOf(to),
  onClick: (event: MouseEvent) => {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    goTo(to);
  },
});

/** A link to a page of the portal. */
export const Link = ({ to, ...props }: { to: string } & Omit<LinkProps, 'href' | 'onClick' | 'as'>): ReactElement => (
  <FluentLink {...(props as LinkProps)} {...linkTo(to)} />
);
