export { BadQuery } from './bad-query.js';
export { longestFilter, parseFilter } from './parse-filter.js';
export { largestTop, type ODataQuery, queryOptions, readQuery } from './query-options.js';
