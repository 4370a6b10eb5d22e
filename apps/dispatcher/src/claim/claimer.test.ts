import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Claimer } from './claimer.js';

interface Round {
  readonly claimed: number;
  readonly more: boolean;
}

interface Desk {
  readonly claimer: Claimer;
  /** When each round began, ms from the start. */
  readonly rounds: number[];
  readonly errors: unknown[];
  room: boolean;
  answer: () => Promise<Round>;
}

const nothing: Round = { claimed: 0, more: false };
let desk: Desk;

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
  const rounds: number[] = [];
  const errors: unknown[] = [];
  const made: Desk = {
    rounds,
    errors,
    room: true,
    answer: async () => nothing,
    claimer: new Claimer({
      claim: () => {
        rounds.push(Date.now());
        return made.answer();
      },
      hasRoom: () => made.room,
      onError: (error) => errors.push(error),
    }),
  };
  desk = made;
});
afterEach(async () => {
  await desk.claimer.stop();
  jest.useRealTimers();
});

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

test('looks at once and then every quarter of a second while there is nothing', async () => {
  desk.claimer.start();
  await pass(600);
  expect(desk.rounds).toEqual([0, 250, 500]);
});

test('goes on at once while there is much, soon while there is little more', async () => {
  const answers: Round[] = [
    { claimed: 200, more: true },
    { claimed: 200, more: true },
    { claimed: 3, more: true },
    { claimed: 0, more: true },
    nothing,
  ];
  desk.answer = async () => answers.shift() ?? nothing;
  desk.claimer.start();
  await pass(100);
  expect(desk.rounds.map((at) => Math.round(at / 10) * 10)).toEqual([0, 0, 0, 20, 40]);
});

test('woken, it looks now; woken during a round, it looks once more right after it', async () => {
  desk.claimer.start();
  await pass(100);
  desk.claimer.wake();
  await pass(1);
  expect(desk.rounds).toHaveLength(2);
  let end: (round: Round) => void = () => undefined;
  desk.answer = () =>
    new Promise((resolve) => {
      end = resolve;
    });
  await pass(250);
  desk.claimer.wake();
  desk.claimer.wake();
  desk.answer = async () => nothing;
  end(nothing);
  await pass(1);
  expect(desk.rounds).toHaveLength(4);
  await pass(200);
  expect(desk.rounds).toHaveLength(4);
});

test('without room it does not claim, and begins again when there is some', async () => {
  desk.room = false;
  desk.claimer.start();
  await pass(500);
  expect(desk.rounds).toEqual([]);
  desk.room = true;
  await pass(20);
  expect(desk.rounds).toHaveLength(1);
});

test('a failure is told, and it goes on: in a second while the database is away', async () => {
  const away = Object.assign(new Error('terminating connection'), { code: '57P01' });
  const wrong = Object.assign(new Error('syntax'), { code: '42601' });
  const failures = [away, wrong];
  desk.answer = async () => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return nothing;
  };
  desk.claimer.start();
  await pass(1_300);
  expect(desk.errors).toEqual([away, wrong]);
  expect(desk.rounds).toEqual([0, 1_000, 1_250]);
});

test('stopped, it waits for the round under way and looks no more', async () => {
  let end: (round: Round) => void = () => undefined;
  desk.answer = () =>
    new Promise((resolve) => {
      end = resolve;
    });
  desk.claimer.start();
  await pass(0);
  let stopped = false;
  void desk.claimer.stop().then(() => {
    stopped = true;
  });
  await pass(50);
  expect(stopped).toBe(false);
  end({ claimed: 200, more: true });
  await pass(0);
  expect(stopped).toBe(true);
  desk.claimer.wake();
  await pass(5_000);
  expect(desk.rounds).toEqual([0]);
});
