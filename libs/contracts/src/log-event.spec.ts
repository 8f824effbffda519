import { expect, test } from '@jest/globals';

import { shapeOf } from './event-shape.js';
import { JobStateChanged, RetryDue, eventDefinitions } from './index.js';
import { MisshapenEvent, UnreadableEvent, readData, wireTypeOf, writeData } from './log-event.js';

const state = { jobId: 'people', state: 'active', by: { kind: 'user', name: 'jane' } };
const wireType = wireTypeOf(JobStateChanged);

test('every event has a shape of its own, the same at each start', () => {
  const shapes = [...eventDefinitions().values()].map(shapeOf);
  expect(new Set(shapes).size).toBe(shapes.length);
  expect(shapeOf(JobStateChanged)).toMatch(/^[\w-]{12}$/);
});

test('what is not as the definition says is never written', () => {
  expect(() => writeData(JobStateChanged, { ...state, state: 'asleep' })).toThrow(MisshapenEvent);
  expect(() => writeData(JobStateChanged, { ...state, state: 'asleep' })).toThrow(/^job-state-changed has another shape: state: /);
});

test('what the definition does not know is not written either', () => {
  expect(JSON.parse(writeData(JobStateChanged, { ...state, secret: 'x' }))).toEqual(state);
});

test('data in the shape of this build are taken as they are', () => {
  const json = { ...state };
  expect(readData(wireType, shapeOf(JobStateChanged), json)).toEqual({ type: 'job-state-changed', data: state });
  expect(readData(wireType, shapeOf(JobStateChanged), json).data).toBe(json);
});

test.each(['', shapeOf(RetryDue), 'an-older-one'])('data in the shape "%s" are checked', (shape) => {
  expect(readData(wireType, shape, { ...state, more: 1 }).data).toEqual(state);
  expect(() => readData(wireType, shape, { ...state, state: 'asleep' })).toThrow(UnreadableEvent);
});

test('a type or version that this build does not know cannot be read, whatever its shape', () => {
  expect(() => readData('provident.strange.v1', shapeOf(JobStateChanged), state)).toThrow('unknown event type');
  expect(() => readData('provident.job-state-changed.v9', shapeOf(JobStateChanged), state)).toThrow('is newer than version 1');
});
