import { useCallback, useState } from 'react';

/** A choice that this browser remembers; without storage (a private window) it lasts as long as the page. */
export function useStored<Value>(name: string, usual: Value, isValid: (value: unknown) => value is Value): [Value, (value: Value) => void] {
  const [value, setValue] = useState<Value>(() => read(name, usual, isValid));
  const keep = useCallback(
    (next: Value) => {
      setValue(next);
      try {
        window.localStorage.setItem(keyOf(name), JSON.stringify(next));
      } catch {
        // Full or forbidden: the choice still holds for this page.
      }
    },
    [name],
  );
  return [value, keep];
}

const keyOf = (name: string): string => `provident.${name}`;

function read<Value>(name: string, usual: Value, isValid: (value: unknown) => value is Value): Value {
  try {
    const kept: unknown = JSON.parse(window.localStorage.getItem(keyOf(name)) ?? 'null');
    return isValid(kept) ? kept : usual;
  } catch {
    return usual;
  }
}
