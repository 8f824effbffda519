import { makeStyles, tokens } from '@fluentui/react-components';
import type { RulesPreviewView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { formatValue } from '../../../shared/format.js';
import { saidOf } from '../../../shared/states.js';
import { rulesTexts } from '../../../texts/en/rules.js';

const useStyles = makeStyles({
  bad: { color: tokens.colorStatusDangerForeground1 },
  quiet: { color: tokens.colorNeutralForeground2 },
});

const said = rulesTexts.mapping;

interface PreviewedProps {
  readonly previewed: RulesPreviewView['mappings'][number] | undefined;
  readonly isAsking: boolean;
  readonly error: Error | null;
}

/** What one mapping gives for somebody: a value, nothing, or why not. */
export function Previewed({ previewed, isAsking, error }: PreviewedProps): ReactElement {
  const styles = useStyles();
  if (error) return <span className={styles.bad}>{saidOf(error)}</span>;
  if (!previewed) return <span className={styles.quiet}>{isAsking ? rulesTexts.trying : ''}</span>;
  if (previewed.error) return <span className={styles.bad}>{previewed.error.message}</span>;
  const value = formatValue(previewed.value);
  if (value === '') return <span className={styles.quiet}>{said.previewNone}</span>;
  return (
    <span>
      {previewed.from === 'reference' && `${said.isReference} `}
      <strong>{value}</strong> {previewed.from === 'default' && <span className={styles.quiet}>{said.fromDefault}</span>}
    </span>
  );
}
