import type { RulesPreviewView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { describeSystems } from '../../../api/describe-systems.js';
import { previewRules } from '../../../api/preview-rules.js';
import type { ApiProblem } from '../../../api/request.js';
import type { Definition } from '../../../shared/revisions.js';

const slowlyMs = 60_000;

/** What both systems tell of their attributes; asked again when the job names other ones. */
export function useSystems(definition: Definition, baseDir: string) {
  const { job, source, target } = definition;
  return useQuery({
    queryKey: ['systems', JSON.stringify([source, target]), baseDir],
    queryFn: () => describeSystems({ definition: { job, source, target }, baseDir }),
    staleTime: slowlyMs,
  }).data;
}

/** A value once it has not changed for a while. */
export function useSettled<Value>(value: Value, afterMs: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}

const typingMs = 350;

export interface Preview {
  /** Of the rules as they were a moment ago, while those of now are tried. */
  readonly view: RulesPreviewView | undefined;
  /** The job file that was tried. */
  readonly tried: Definition | undefined;
  readonly error: ApiProblem | Error | null;
  readonly isAsking: boolean;
}

/** What the rules of a draft make of somebody; asked anew when the typing pauses. `id` undefined: nobody is chosen. */
export function usePreview(definition: Definition, baseDir: string, objectType: string, id: string | undefined): Preview {
  const latest = JSON.stringify(definition);
  const text = useSettled(latest, typingMs);
  const { data, error, isFetching } = useQuery({
    queryKey: ['preview', text, objectType, id],
    queryFn: async () => {
      const tried = JSON.parse(text) as Definition;
      return { tried, view: await previewRules({ definition: tried, baseDir }, { objectType, id: id ?? '' }) };
    },
    enabled: id !== undefined,
    // What the rules of a moment ago made of the same one, never of another.
    placeholderData: (before, asked) => (asked?.queryKey[3] === id ? before : undefined),
    retry: false,
  });
  if (id === undefined) return { view: undefined, tried: undefined, error: null, isAsking: false };
  return { ...(error || !data ? { view: undefined, tried: undefined } : data), error, isAsking: isFetching || text !== latest };
}
