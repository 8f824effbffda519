import { PeopleFoundView, type PersonFound, peoplePath } from '@provident/contracts/http';

import { getJson } from './request.js';

/** People whose name, user name or id begins with a text. */
export const findPeople = async (search: string, limit: number, signal?: AbortSignal): Promise<PersonFound[]> =>
  (await getJson(PeopleFoundView, peoplePath, { search, limit }, signal)).people;
