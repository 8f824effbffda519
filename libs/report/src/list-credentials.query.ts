import { ConnectionTested, type CredentialsView, systemsOfJob } from '@provident/contracts';
import { type SecretUse, secretUses } from '@provident/domain';

import { query, type ReadModels } from './database.js';
import { getConfiguration } from './graph/synchronization/get-configuration.query.js';

type System = CredentialsView['systems'][number];
type Use = Omit<CredentialsView['credentials'][number], 'setAt' | 'setBy'>;

/** What a job refers to as credentials, and how the latest test of each of its connections went. @throws NotFound */
export async function listCredentials(models: ReadModels, jobId: string): Promise<{ readonly systems: System[]; readonly uses: Use[] }> {
  const { definition } = await getConfiguration(models, jobId);
  const tests = await query<{ system: string; at: string; by: string; result: string; message: string }>(
    models,
    `select wanted.system, test.at, test.data -> 'by' ->> 'name' as by, test.data ->> 'result' as result, test.data ->> 'message' as message
     from unnest($2::text[]) wanted (system)
     cross join lateral (
       select at, data from audit_event
       where activity = 'job' and type = '${ConnectionTested.type}' and job_id = $1
         and data ->> 'system' = wanted.system and data ->> 'rules' = 'applied'
       order by sequence desc limit 1
     ) test`,
    [jobId, systemsOfJob],
  );
  const lastTest = (system: string): System['lastTest'] => {
    const test = tests.find((each) => each.system === system);
    return test ? { at: test.at, by: test.by, ok: test.result === 'success', message: test.message } : null;
  };
  return {
    systems: systemsOfJob.map((system) => {
      const { connector, name = connector } = definition[system];
      return { system, name, connector, lastTest: lastTest(system) };
    }),
    uses: secretUses(definition).map(useOf),
  };
}

const useOf = ({ place, ref }: SecretUse): Use => ({
  place,
  of: systemsOfJob.find((system) => place.startsWith(`${system}.`)) ?? 'notify',
  ...('secret' in ref
    ? { kind: 'secret', name: ref.secret }
    : 'env' in ref
      ? { kind: 'env', name: ref.env }
      : { kind: 'file', name: ref.file }),
});
