import { RulesVocabularyView, rulesPaths } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { getJson } from './request.js';

/** Functions of expressions and operators of filters: the same as long as the server is. */
export const vocabularyQuery = queryOptions({
  queryKey: ['vocabulary'],
  queryFn: ({ signal }) => getJson(RulesVocabularyView, rulesPaths.vocabulary, {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
});
