export { eventually, eventuallyHolds, type Patience } from './eventually.js';
export { type FixedClock, fixedClock } from './fixed-clock.js';
export { sequentialIds, sequentialUuids } from './ids.js';
export { type TempFolder, tempFolder, withTempFolder } from './temp-folder.js';
export * from './command-line.js';
