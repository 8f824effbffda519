import { type Theme, webDarkTheme, webLightTheme } from '@fluentui/react-components';
import { useSyncExternalStore } from 'react';

import { useStored } from '../shared/stored.js';

export const appearances = ['system', 'light', 'dark'] as const;
export type Appearance = (typeof appearances)[number];

const isAppearance = (value: unknown): value is Appearance => appearances.includes(value as Appearance);
const wantsDark = (): MediaQueryList => window.matchMedia('(prefers-color-scheme: dark)');

function subscribe(listener: () => void): () => void {
  const query = wantsDark();
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

/** Light or dark: what the reader chose, else what the system wants. */
export function useTheme(): { theme: Theme; isDark: boolean; appearance: Appearance; choose: (appearance: Appearance) => void } {
  const [appearance, choose] = useStored<Appearance>('appearance', 'system', isAppearance);
  const systemIsDark = useSyncExternalStore(subscribe, () => wantsDark().matches);
  const isDark = appearance === 'system' ? systemIsDark : appearance === 'dark';
  return { theme: isDark ? webDarkTheme : webLightTheme, isDark, appearance, choose };
}
