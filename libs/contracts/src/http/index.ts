/** What a browser may import: views and paths, made of zod alone. No event definition, no rule of the domain and nothing of Node is behind it. */
export { CommandAnswer, Issue } from '../command-answer.js';
export { Failure } from '../events/common.js';
export { emptyTally, Tally } from '../events/tally.js';
export * from './access-views.js';
export {
  type SimulatedAction,
  type SimulatedMember,
  type SimulatedOutcome,
  type SimulatedRow,
  SimulatedRowsView,
  SimulationView,
  simulatedActions,
} from '../simulation.js';
export * from './credentials.js';
export * from './connection-views.js';
export * from './drift-views.js';
export { LinkTarget } from '../link-target.js';
export * from './escrow-views.js';
export * from './job-changes.js';
export * from './job-days.js';
export * from './on-demand-view.js';
export * from './people.js';
export * from './people-found.js';
export * from './portal-path.js';
export * from './rules.js';
export * from './streams.js';
export { secretPaths, SecretsView, type SecretView, VaultView } from './secrets.js';
export * from './views.js';
export * from './held-views.js';
