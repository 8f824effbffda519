export { type FakeKms, startFakeKms } from './fake-kms.js';
