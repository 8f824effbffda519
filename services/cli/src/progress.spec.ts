import { expect, test } from '@jest/globals';
import { emptyTally } from '@provident/contracts';

import type { Progress } from './progress.js';
import { progressOf, rateOf, renderProgress, withSample } from './progress.js';
import { ProgressWriter } from './progress-writer.js';
import { PaperScreen } from './testing/fake-cli.js';
import { cycleView } from './testing/views.js';

const half: Progress = {
  phase: 'writing',
  done: 10_400,
  total: 20_000,
  perSecond: 1_180,
  counts: [
    ['created', 10_102],
    ['updated', 0],
    ['failed', 3],
  ],
};

test('with a total there is a bar, a share, a speed and a time left', () => {
  expect(renderProgress(half)).toBe('[#####-----] 52 %  10,400 of 20,000  1,180/s  9 s left  created 10,102 failed 3');
});

test.each([
  ['nothing done', { ...half, done: 0, perSecond: 0, counts: [] }, '[----------] 0 %  0 of 20,000'],
  ['almost done is not done', { ...half, done: 19_999, perSecond: 0, counts: [] }, '[#########-] 99 %  19,999 of 20,000'],
  ['all done', { ...half, done: 20_000, perSecond: 0.4, counts: [] }, '[##########] 100 %  20,000 of 20,000'],
  ['an empty source', { ...half, done: 0, total: 0, perSecond: 0, counts: [] }, '[##########] 100 %  0 of 0'],
  ['no total', { ...half, total: null }, 'writing  10,400  1,180/s  created 10,102 failed 3'],
])('%s', (_, progress, line) => expect(renderProgress(progress)).toBe(line));

test('without a total a spinner turns with each tick', () => {
  const unknown = { ...half, total: null, counts: [], perSecond: 0 };
  expect([0, 1, 4].map((tick) => renderProgress(unknown, tick).charAt(0))).toEqual(['|', '/', '|']);
});

test('a record is done once it was read and, if it went through the pipeline, has its outcome', () => {
  const tally = { ...emptyTally, read: 40, imported: 30, created: 8, escrowed: 2 };
  const running = cycleView({ closedAt: null, importCompletedAt: null, state: 'running', tally });
  expect(progressOf(running, 0)).toMatchObject({ phase: 'reading', done: 20, total: 50 });
  expect(progressOf({ ...running, importCompletedAt: '2026-11-22T03:54:18.000Z' }, 0)).toMatchObject({
    phase: 'writing',
    done: 20,
    total: 40,
  });
  expect(progressOf({ ...running, total: null }, 0).total).toBeNull();
  expect(progressOf(cycleView(), 0)).toMatchObject({ phase: 'done', done: 50, total: 50 });
});

test('the speed is that of the last seconds', () => {
  const samples = [0, 1_000, 2_000, 8_000].reduce<{ atMs: number; done: number }[]>(
    (kept, atMs) => withSample(kept, { atMs, done: atMs / 10 }),
    [],
  );
  expect(samples.map(({ atMs }) => atMs)).toEqual([8_000]);
  expect(rateOf([])).toBe(0);
  expect(rateOf([{ atMs: 5, done: 1 }])).toBe(0);
  expect(
    rateOf([
      { atMs: 0, done: 0 },
      { atMs: 500, done: 600 },
    ]),
  ).toBe(1_200);
});

test('a terminal sees one line drawn over and over, cut to its width', () => {
  const screen = new PaperScreen(true, 30);
  const writer = new ProgressWriter(screen, () => 0);
  writer.show(half);
  writer.show(half);
  writer.end();
  writer.end();
  const line = '\r\u001B[2K[#####-----] 52 %  10,400 of…';
  expect(screen.text).toBe(`${line}${line}\n`);
});

test('elsewhere there is a plain line every two seconds and at each change of phase', () => {
  const screen = new PaperScreen();
  let now = 0;
  const writer = new ProgressWriter(screen, () => now);
  const show = (at: number, phase: string): void => {
    now = at;
    writer.show({ ...half, phase, done: at, total: null, counts: [], perSecond: 0 });
  };
  show(0, 'reading');
  show(1_000, 'reading');
  show(2_100, 'reading');
  show(2_200, 'writing');
  writer.end();
  expect(screen.text).toBe('reading  0\nreading  2,100\nwriting  2,200\n');
});
