import { Field, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import type { FunctionView } from '@provident/contracts/http';
import { type KeyboardEvent, type ReactElement, useId, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

import { rulesTexts } from '../../../texts/en/rules.js';
import { type Completion, callAround, completionsAt, type KnownAttribute } from './completion.js';

const font = { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase300, lineHeight: tokens.lineHeightBase300 } as const;

const useStyles = makeStyles({
  frame: { position: 'relative' },
  both: {
    ...font,
    display: 'block',
    width: '100%',
    minHeight: '88px',
    margin: 0,
    padding: tokens.spacingHorizontalS,
    boxSizing: 'border-box',
    border: `1px solid ${tokens.colorNeutralStrokeAccessible}`,
    borderRadius: tokens.borderRadiusMedium,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    wordBreak: 'break-word',
  },
  // The marks lie behind the text that is written: both are laid out alike.
  marks: {
    position: 'absolute',
    inset: 0,
    color: 'transparent',
    overflow: 'hidden',
    pointerEvents: 'none',
    border: '1px solid transparent',
  },
  mark: {
    color: 'transparent',
    backgroundColor: 'transparent',
    textDecorationLine: 'underline',
    textDecorationStyle: 'wavy',
    textDecorationColor: tokens.colorStatusDangerForeground1,
    textDecorationThickness: '2px',
    textUnderlineOffset: '3px',
  },
  text: {
    color: tokens.colorNeutralForeground1,
    backgroundColor: tokens.colorNeutralBackground1,
    resize: 'vertical',
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  clear: { backgroundColor: 'transparent', position: 'relative' },
  ground: { backgroundColor: tokens.colorNeutralBackground1 },
  // Over what follows: what stands below must not move when it closes, for somebody may be about to click there.
  list: {
    position: 'absolute',
    zIndex: 1,
    left: 0,
    right: 0,
    boxShadow: tokens.shadow16,
    margin: `${tokens.spacingVerticalXS} 0 0`,
    padding: tokens.spacingHorizontalXS,
    maxHeight: '180px',
    overflowY: 'auto',
    listStyleType: 'none',
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  option: {
    display: 'flex',
    flexWrap: 'wrap',
    columnGap: tokens.spacingHorizontalS,
    padding: '4px 8px',
    cursor: 'pointer',
    overflowWrap: 'anywhere',
  },
  active: { backgroundColor: tokens.colorNeutralBackground1Selected },
  quiet: { color: tokens.colorNeutralForeground2, fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  help: { display: 'block', color: tokens.colorNeutralForeground2, marginTop: tokens.spacingVerticalXS, overflowWrap: 'anywhere' },
});

const said = rulesTexts.expression;

interface ExpressionEditorProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly functions: readonly FunctionView[];
  readonly attributes: readonly KnownAttribute[];
  /** Where it is wrong, in characters from the start; null when nothing is known to be. */
  readonly error: { readonly at: number; readonly message: string } | null;
}

/** An expression as it is written: completed from functions and attributes, its mistake underlined, the function around the caret explained. */
export function ExpressionEditor({ value, onChange, functions, attributes, error }: ExpressionEditorProps): ReactElement {
  const styles = useStyles();
  const area = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const [caret, setCaret] = useState(value.length);
  /** `asked`: also where nothing has been typed yet. */
  const [isOpen, setOpen] = useState<boolean | 'asked'>(false);
  const [active, setActive] = useState(0);
  const { from, to, options } = completionsAt(value, caret, functions, attributes);
  const isOffering = options.length > 0 && (isOpen === 'asked' || (isOpen && to > from));
  const chosen = options[Math.min(active, options.length - 1)];
  const explained =
    (isOffering && chosen?.kind === 'function' && functions.find(({ name }) => name === chosen.label)) ||
    callAround(value, caret, functions);

  const moved = (): void => setCaret(area.current?.selectionStart ?? value.length);
  const write = (text: string, at: number): void => {
    onChange(text);
    setCaret(at);
    setActive(0);
    setOpen(true);
  };
  const take = ({ insert }: Completion): void => {
    const at = from + insert.length;
    // At once: a caret that is set a frame later would jump back amid what is typed meanwhile.
    flushSync(() => {
      onChange(value.slice(0, from) + insert + value.slice(to));
      setCaret(at);
      setOpen(false);
    });
    area.current?.focus();
    area.current?.setSelectionRange(at, at);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      moved();
      setActive(0);
      setOpen('asked');
    } else if (isOffering && chosen && (event.key === 'Enter' || event.key === 'Tab')) {
      event.preventDefault();
      take(chosen);
    } else if (isOffering && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      setActive((Math.min(active, options.length - 1) + (event.key === 'ArrowDown' ? 1 : options.length - 1)) % options.length);
    } else if (isOffering && event.key === 'Escape') {
      // The dialog around it would close at the same key.
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
    }
  };
  return (
    <div className={styles.frame}>
      <Field
        label={said.label}
        required
        {...(error ? { validationMessage: said.at(columnOf(value, error.at), error.message) } : { hint: said.hint })}
      >
        {(field) => (
          <div className={mergeClasses(styles.frame, styles.ground)}>
            <div className={mergeClasses(styles.both, styles.marks)} aria-hidden>
              {error && <Marked text={value} at={error.at} />}
            </div>
            <textarea
              {...field}
              ref={area}
              className={mergeClasses(styles.both, styles.text, styles.clear)}
              value={value}
              spellCheck={false}
              role="combobox"
              aria-expanded={isOffering}
              aria-controls={listId}
              aria-autocomplete="list"
              {...(isOffering && { 'aria-activedescendant': `${listId}-${Math.min(active, options.length - 1)}` })}
              onChange={({ target }) => write(target.value, target.selectionStart)}
              onKeyDown={onKeyDown}
              onKeyUp={moved}
              onClick={moved}
              onBlur={() => setOpen(false)}
            />
          </div>
        )}
      </Field>
      <ul id={listId} role="listbox" aria-label={said.offered} className={styles.list} hidden={!isOffering}>
        {isOffering &&
          options.map((option, index) => (
            <li
              key={option.label}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={option === chosen}
              className={mergeClasses(styles.option, option === chosen && styles.active)}
              onMouseDown={(event) => {
                event.preventDefault();
                take(option);
              }}
            >
              {option.label} <span className={styles.quiet}>{option.detail}</span>
            </li>
          ))}
      </ul>
      {explained && <Explained of={explained} />}
    </div>
  );
}

function Marked({ text, at }: { text: string; at: number }): ReactElement {
  const styles = useStyles();
  const from = Math.min(at, text.length);
  const [word] = /^(?:\w+|.)?/su.exec(text.slice(from)) ?? [''];
  // At the very end there is nothing to underline but the place itself.
  return (
    <>
      {text.slice(0, from)}
      <mark className={styles.mark}>{word === '' ? '\u00a0\u00a0' : word}</mark>
      {text.slice(from + word.length)}
    </>
  );
}

function Explained({ of: { signature, summary, example } }: { of: FunctionView }): ReactElement {
  const styles = useStyles();
  return (
    <Text size={200} className={styles.help}>
      <code>{signature}</code> {summary.replaceAll('`', '').split('\n')[0]}{' '}
      {example && said.example(example.expression, JSON.stringify(example.gives))}
    </Text>
  );
}

/** Columns count characters as people do, from 1. */
const columnOf = (text: string, at: number): number => Array.from(text.slice(0, at)).length + 1;
