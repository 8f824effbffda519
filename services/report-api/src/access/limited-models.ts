import { foldedName } from '@provident/contracts';
import { jobsWith, type Jobs } from '@provident/domain';
import { limitedTo, type ReadModels } from '@provident/report';

import type { People } from '../privacy/people.js';
import { currentCaller } from './caller.js';

/** The read models as the caller of the present request may see them: questions that name no job are about no others than theirs. */
export function modelsOfCaller(models: ReadModels, people: Pick<People, 'findByName'>): ReadModels {
  return {
    findByName: (name: string) => people.findByName(foldedName(name)),
    query: (sql: string, values?: unknown[]) => of(models, jobsWith(currentCaller().grants, 'read')).query(sql, values),
  } as ReadModels;
}

const of = (models: ReadModels, jobs: Jobs): ReadModels => (jobs === null ? models : limitedTo(models, jobs));
