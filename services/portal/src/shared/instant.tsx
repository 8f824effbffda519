import type { ReactElement } from 'react';

import { texts } from '../texts/en.js';
import { formatInstant, formatRelative, formatUtc } from './format.js';

/** An instant in the reader's zone; UTC on hover. */
export const Instant = ({ at }: { at: string | null }): ReactElement =>
  at === null ? (
    <>{texts.common.never}</>
  ) : (
    <time dateTime={at} title={formatUtc(at)}>
      {formatInstant(at)}
    </time>
  );

/** The same as a distance from now; the instant on hover. */
export const Relative = ({ at, now }: { at: string | null; now: number }): ReactElement =>
  at === null ? (
    <>{texts.common.never}</>
  ) : (
    <time dateTime={at} title={`${formatInstant(at)} (${formatUtc(at)})`}>
      {formatRelative(at, now)}
    </time>
  );
