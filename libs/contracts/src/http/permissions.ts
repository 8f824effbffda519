import type { Permission } from '@provident/domain';

import type { Routes } from './routes.js';

/** What a route needs of those who ask. */
export interface Needed {
  /** `nobody`: everybody may, without a sign-in. `anybody`: whoever has signed in. */
  readonly permission: Permission | 'nobody' | 'anybody';
  /**
   * Which job it is about. `path`: the parameter `jobId`. `definition`: the job that the body's definition names. `simulation`: the job of the
   * simulation that is named. `installation`: all of them at once. Without it the answer shows those jobs alone that may be seen.
   */
  readonly job?: 'path' | 'definition' | 'simulation' | 'installation';
  /** Where the body brings a definition of its own, this is needed too: it says where secrets are sent. */
  readonly withDefinition?: Permission;
  /** It leaves no event of its own, and is nevertheless worth one. */
  readonly isRecorded?: boolean;
}

const everybody: Needed = { permission: 'nobody' };
const signedIn: Needed = { permission: 'anybody' };
const reads: Needed = { permission: 'read' };
const readsAll: Needed = { permission: 'read', job: 'installation' };
const readsJob: Needed = { permission: 'read', job: 'path' };
const readsSimulation: Needed = { permission: 'read', job: 'simulation' };
const operates: Needed = { permission: 'operate', job: 'path' };
const configures: Needed = { permission: 'configure', job: 'path' };
const configuresDefinition: Needed = { permission: 'configure', job: 'definition' };
const maintains: Needed = { permission: 'maintain', job: 'installation' };
const secures: Needed = { permission: 'secure', job: 'installation' };
/** Worth an event, and leaves none of its own. */
const recorded = (needed: Needed): Needed => ({ ...needed, isRecorded: true });

/** What every route of the API needs. A route that is missing here does not compile, and does not start. */
export const routePermissions: Readonly<Record<keyof Routes, Needed>> = {
  live: everybody,
  ready: everybody,
  signIn: everybody,
  openapi: everybody,
  me: signedIn,
  health: reads,
  metrics: readsAll,

  tokens: secures,
  makeToken: secures,
  revokeToken: secures,

  secrets: secures,
  setSecret: secures,
  deleteSecret: secures,
  vault: secures,
  rotateVault: secures,
  graphSecrets: secures,
  graphPutSynchronization: secures,
  graphAcquireAccessToken: secures,
  erase: secures,

  jobs: reads,
  job: readsJob,
  jobChanges: readsJob,
  cycles: readsJob,
  jobDays: readsJob,
  cycle: readsJob,
  cycleReport: readsJob,
  credentials: readsJob,
  testConnection: operates,
  validate: configuresDefinition,
  rulesVocabulary: signedIn,
  rulesSystems: configuresDefinition,
  rulesPreview: configuresDefinition,
  apply: configuresDefinition,
  run: operates,
  start: operates,
  pause: operates,
  stop: operates,
  deleteJob: configures,
  restart: configures,
  provisionOnDemand: operates,
  held: readsJob,
  release: operates,
  reject: operates,

  escrows: readsJob,
  causes: readsJob,
  quarantines: readsJob,
  retry: operates,

  drift: readsJob,
  connections: readsJob,
  removeConnection: configures,
  repairConnection: configures,

  simulateJob: recorded({ ...operates, withDefinition: 'configure' }),
  simulate: recorded(configuresDefinition),
  simulation: readsSimulation,
  simulatedRows: readsSimulation,
  simulatedCsv: readsSimulation,
  cancelSimulation: recorded({ permission: 'operate', job: 'simulation' }),

  checkReadModels: recorded(maintains),
  readModelCheck: maintains,

  streams: maintains,
  addStream: maintains,
  removeStream: maintains,
  pauseStream: maintains,
  startStream: maintains,
  testStream: recorded(maintains),
  streamKeys: everybody,

  log: reads,
  people: reads,
  story: reads,
  why: reads,
  attemptDifference: reads,
  events: reads,
  follow: reads,
  backup: recorded(maintains),
  backupKeys: recorded(secures),
  exportLog: reads,
  exportProvisioning: reads,
  exportAudits: reads,

  graphProvisioning: reads,
  graphProvisioningCount: reads,
  graphProvisioningEntry: reads,
  graphAudits: reads,
  graphAuditsCount: reads,
  graphAudit: reads,
  graphPrincipals: reads,
  graphPrincipal: reads,
  graphSynchronization: reads,
  graphShownSecrets: reads,
  graphJobs: reads,
  graphCreateJob: { permission: 'configure', job: 'installation' },
  graphJob: readsJob,
  graphSchema: readsJob,
  graphPutSchema: configures,
  graphResetSchema: configures,
  graphDirectories: readsJob,
  graphDirectory: readsJob,
  graphDiscover: recorded(operates),
  graphFunctions: readsJob,
  graphOperators: readsJob,
  graphParseExpression: readsJob,
  graphTemplates: reads,
  graphTemplate: reads,
  graphTemplateSchema: reads,
  graphStart: operates,
  graphPause: operates,
  graphDeleteJob: configures,
  graphRestart: configures,
  graphProvisionOnDemand: operates,
  graphValidate: operates,
  graphValidateTemplate: { permission: 'operate', job: 'installation' },
  graphObjectConnection: readsJob,
  graphDeleteObjectConnection: configures,
};
