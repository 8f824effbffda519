export { evaluateLanes } from './evaluate-lanes.js';
export { judge } from './judge.js';
