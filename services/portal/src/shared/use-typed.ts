import { useEffect, useRef, useState } from 'react';

/**
 * The text of a field that is handed on, trimmed, once the typing pauses. A text that comes from elsewhere (an address, a button that clears) takes its
 * place while the page is drawn and not afterwards: somebody may be typing already.
 */
export function useTyped(given: string, change: (text: string) => void, afterMs: number): [string, (text: string) => void] {
  const [known, setKnown] = useState(given);
  const [typed, type] = useState(given);
  if (known !== given) {
    setKnown(given);
    if (typed.trim() !== given) type(given); // else it is what was typed, and a space at its end may be the middle of a name
  }
  const latest = useRef(change);
  latest.current = change;
  const wanted = typed.trim();
  useEffect(() => {
    if (wanted === given) return undefined;
    const timer = setTimeout(() => latest.current(wanted), afterMs);
    return () => clearTimeout(timer);
  }, [wanted, given, afterMs]);
  return [typed, type];
}
