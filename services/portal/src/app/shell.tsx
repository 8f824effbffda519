import {
  Button,
  makeStyles,
  Menu,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  mergeClasses,
  Text,
  Toaster,
  tokens,
} from '@fluentui/react-components';
import { DarkThemeRegular } from '@fluentui/react-icons/svg/dark-theme';
import { NavigationRegular } from '@fluentui/react-icons/svg/navigation';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useEffect, useRef, useState } from 'react';

import { meQuery } from '../api/get-me.js';
import { nameOf, useJobs } from '../shared/job-name.js';
import { linkTo } from '../shared/link.js';
import { usePath } from '../shared/location.js';
import { pages } from '../shared/pages.js';
import { isAllowed } from '../shared/use-may.js';
import { toaster } from '../shared/use-order.js';
import { texts } from '../texts/en.js';
import { Crash } from './crash.js';
import { isAt, places } from './navigation.js';
import { Routes } from './routes.js';
import { SignedIn } from './signed-in.js';
import { StaleBanner } from './stale-banner.js';
import { type Appearance, appearances } from './use-theme.js';
import { WhoMenu } from './who-menu.js';

const narrow = '@media (max-width: 860px)';

const useStyles = makeStyles({
  shell: {
    display: 'grid',
    gridTemplate: '"head head" auto "banner banner" auto "nav main" 1fr / 232px 1fr',
    height: '100dvh',
    backgroundColor: tokens.colorNeutralBackground2,
    [narrow]: { gridTemplate: '"head" auto "banner" auto "main" 1fr / minmax(0, 1fr)' },
  },
  skip: {
    position: 'absolute',
    left: '-9999px',
    ':focus': {
      left: tokens.spacingHorizontalS,
      top: tokens.spacingVerticalS,
      zIndex: 10,
      padding: tokens.spacingHorizontalS,
      backgroundColor: tokens.colorNeutralBackground1,
    },
  },
  head: {
    gridArea: 'head',
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    paddingInline: tokens.spacingHorizontalM,
    height: '48px',
    color: tokens.colorNeutralForeground1,
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  opener: { display: 'none', [narrow]: { display: 'inline-flex' } },
  product: { marginRight: 'auto' },
  banner: { gridArea: 'banner', minWidth: 0 },
  nav: {
    gridArea: 'nav',
    overflowY: 'auto',
    padding: tokens.spacingHorizontalS,
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
    [narrow]: { display: 'none' },
  },
  open: {
    [narrow]: {
      display: 'block',
      position: 'fixed',
      inset: '49px 0 0 0',
      zIndex: 5,
    },
  },
  place: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    marginBottom: '2px',
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
    overflowWrap: 'anywhere',
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  here: { backgroundColor: tokens.colorNeutralBackground1Selected, fontWeight: tokens.fontWeightSemibold },
  group: {
    display: 'block',
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalM} ${tokens.spacingVerticalXS}`,
    color: tokens.colorNeutralForeground2,
  },
  main: { gridArea: 'main', minWidth: 0, overflowY: 'auto', ':focus-visible': { outlineStyle: 'none' } },
});

interface ShellProps {
  readonly appearance: Appearance;
  readonly choose: (appearance: Appearance) => void;
}

/** What stands around every page. */
export function Shell({ appearance, choose }: ShellProps): ReactElement {
  const styles = useStyles();
  const path = usePath();
  const main = useRef<HTMLElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [shown, show] = useState(path);
  if (shown !== path) {
    show(path);
    setOpen(false);
  }
  useEffect(() => {
    main.current?.scrollTo(0, 0); // newer browsers give back a promise, which is nothing to clean up with
  }, [path]);
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        {texts.nav.skip}
      </a>
      <header className={styles.head}>
        <Button
          className={styles.opener}
          appearance="subtle"
          icon={<NavigationRegular />}
          aria-label={isOpen ? texts.nav.close : texts.nav.open}
          aria-expanded={isOpen}
          aria-controls="navigation"
          onClick={() => setOpen(!isOpen)}
        />
        <Text size={400} weight="semibold" className={styles.product}>
          {texts.product}
        </Text>
        <WhoMenu />
        <AppearanceMenu appearance={appearance} choose={choose} />
      </header>
      <div className={styles.banner}>
        <StaleBanner />
      </div>
      <nav id="navigation" className={mergeClasses(styles.nav, isOpen && styles.open)} aria-label={texts.nav.label}>
        <Navigation path={path} />
      </nav>
      <main id="content" ref={main} className={styles.main} tabIndex={-1}>
        <Crash key={path}>
          <SignedIn>
            <Routes />
          </SignedIn>
        </Crash>
      </main>
      <Toaster toasterId={toaster} position="bottom-end" />
    </div>
  );
}

function Navigation({ path }: { path: string }): ReactElement {
  const styles = useStyles();
  const jobs = [...useJobs().values()];
  const place = (to: string, name: string, icon?: ReactElement): ReactElement => {
    const isHere = isAt(to, path);
    return (
      <a
        key={to}
        {...linkTo(to)}
        className={mergeClasses(styles.place, isHere && styles.here)}
        {...(isHere && { 'aria-current': 'page' as const })}
      >
        {icon}
        {name}
      </a>
    );
  };
  const { data: me } = useQuery(meQuery);
  if (me === undefined) return <></>; // jobs alone would be pushed down by what comes above them
  return (
    <>
      {places.filter(({ needs }) => needs === undefined || isAllowed(me, needs)).map(({ to, name, icon }) => place(to, name, icon))}
      {jobs.length > 0 && (
        <Text as="span" size={200} weight="semibold" className={styles.group}>
          {texts.nav.jobs}
        </Text>
      )}
      {jobs.map((job) => place(pages.job(job.jobId), nameOf(job)))}
    </>
  );
}

const AppearanceMenu = ({ appearance, choose }: ShellProps): ReactElement => (
  <Menu checkedValues={{ appearance: [appearance] }} onCheckedValueChange={(_, { checkedItems }) => choose(checkedItems[0] as Appearance)}>
    <MenuTrigger disableButtonEnhancement>
      <Button appearance="subtle" icon={<DarkThemeRegular />} aria-label={texts.theme.label} />
    </MenuTrigger>
    <MenuPopover>
      <MenuList>
        {appearances.map((each) => (
          <MenuItemRadio key={each} name="appearance" value={each}>
            {texts.theme[each]}
          </MenuItemRadio>
        ))}
      </MenuList>
    </MenuPopover>
  </Menu>
);
