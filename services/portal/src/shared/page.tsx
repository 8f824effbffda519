import { makeStyles, mergeClasses, Title2, tokens } from '@fluentui/react-components';
import { type ReactElement, type ReactNode, useEffect } from 'react';

import { texts } from '../texts/en.js';

const useStyles = makeStyles({
  page: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalL,
    padding: tokens.spacingHorizontalXXL,
    maxWidth: '1600px',
    boxSizing: 'border-box',
    '@media (max-width: 640px)': { padding: tokens.spacingHorizontalM },
  },
  full: { height: '100%', maxWidth: 'none', '@media (max-width: 640px)': { height: 'auto' } },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM, rowGap: tokens.spacingVerticalS },
  actions: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  name: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXS,
    minWidth: 0,
    marginRight: 'auto',
  },
  title: { margin: 0, overflowWrap: 'anywhere' },
});

interface PageProps {
  readonly title: string;
  /** Right behind the title: how it is. */
  readonly status?: ReactNode;
  /** Beside the title: buttons. */
  readonly actions?: ReactNode;
  /** Whether the page fills the window and scrolls inside. */
  readonly full?: boolean;
  readonly children: ReactNode;
}

/** A page with its one heading, which also names the window. */
export function Page({ title, status, actions, full = false, children }: PageProps): ReactElement {
  const styles = useStyles();
  useEffect(() => {
    document.title = `${title} · ${texts.product}`;
  }, [title]);
  return (
    <div className={mergeClasses(styles.page, full && styles.full)}>
      <div className={styles.head}>
        <div className={styles.name}>
          <Title2 as="h1" className={styles.title}>
            {title}
          </Title2>
          {status}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </div>
  );
}
