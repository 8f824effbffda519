import type { OnDemandView } from '@provident/contracts';

/** What the importer answers when one person was asked for, and an account was written. */
export const onDemandView = (jobId: string, result: Partial<OnDemandView['results'][number]> = {}): OnDemandView => ({
  jobId,
  requestId: 'request-1',
  by: { kind: 'user', name: 'local' },
  revision: 1,
  results: [
    {
      objectType: 'user',
      displayName: 'Person E-0',
      changeId: 'request-1-E-0',
      status: 'success',
      action: 'update',
      reason: null,
      source: { system: 'HR', id: 'E-0' },
      target: { system: 'Wiki', id: 'w-E-0' },
      startedAt: '2026-03-02T09:00:00.000Z',
      endedAt: '2026-03-02T09:00:01.000Z',
      modified: [{ attribute: 'title', old: null, new: 'Engineer' }],
      steps: [
        {
          type: 'import',
          name: 'the person was read',
          status: 'success',
          description: 'HR holds Person E-0',
          at: '2026-03-02T09:00:00.000Z',
          details: { title: 'Engineer', tags: ['a', 'b'] },
        },
      ],
      ...result,
    },
  ],
});
