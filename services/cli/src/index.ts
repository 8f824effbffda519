export { ApiClient, type EventQuery, type JobDraft, type LogQuery } from './api-client.js';
export { runProgram } from './program.js';
export { type Cli, cliOf } from './cli.js';
