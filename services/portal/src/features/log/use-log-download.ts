import { useMutation } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';

import { exportLog } from '../../api/export-log.js';
import { saveBlob } from '../../shared/download.js';
import type { Search } from '../../shared/location.js';
import { filtersOf } from './filters.js';
import { blobOf, type LogFile } from './log-file.js';

export interface LogDownload {
  readonly begin: (file: LogFile) => void;
  readonly cancel: () => void;
  readonly state: 'none' | 'running' | 'done' | 'failed';
  /** Entries in the file so far. */
  readonly count: number;
  readonly error: Error | null;
}

/** Keeps all entries that match as a file, whether they are loaded or not. It ends with the page. */
export function useLogDownload(search: Search): LogDownload {
  const [count, setCount] = useState(0);
  const giveUp = useRef<AbortController>(undefined);
  const { mutate, reset, error, isPending, isSuccess } = useMutation({
    mutationFn: async (file: LogFile) => {
      const ending = new AbortController();
      giveUp.current = ending;
      setCount(0);
      const name = `provisioning-log-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.${file.ending}`;
      const detail = file.ending === 'json' ? 'steps' : 'entries';
      const entries = exportLog({ ...filtersOf(search, Date.now()), detail }, ending.signal);
      const blob = await blobOf(entries, file, setCount);
      if (!ending.signal.aborted) saveBlob(name, blob);
    },
  });
  const cancel = useCallback(() => {
    giveUp.current?.abort();
    reset();
  }, [reset]);
  useEffect(() => () => giveUp.current?.abort(), []);
  const state = isPending ? 'running' : isSuccess ? 'done' : error ? 'failed' : 'none';
  return { begin: mutate, cancel, state, count, error };
}
