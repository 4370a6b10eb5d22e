import { describe, expect, test } from '@jest/globals';
import { afterAttempt, closedCircuit, isOpen, mayBegin, type Circuit } from './circuit.policy.js';

/** `count` failures, one every `everyMs`, each having taken 1 s. */
function failing(count: number, everyMs: number, from: Circuit = closedCircuit, startMs = 100_000): Circuit {
  let circuit = from;
  for (let at = 1; at <= count; at += 1) {
    const now = startMs + at * everyMs;
    circuit = afterAttempt(circuit, true, now - 1_000, now);
  }
  return circuit;
}

describe('it opens', () => {
  test('after 20 failures in a row over 10 s', () => {
    expect(isOpen(failing(19, 1_000))).toBe(false);
    expect(isOpen(failing(20, 1_000))).toBe(true);
  });

  test('not for many failures within a moment, nor for few over a long time', () => {
    expect(isOpen(failing(500, 10))).toBe(false);
    expect(isOpen(failing(10, 60_000))).toBe(false);
  });

  test('not where something came through in between', () => {
    const before = failing(19, 1_000);
    const after = afterAttempt(before, false, 119_500, 119_600);
    expect(after).toEqual(closedCircuit);
    expect(isOpen(failing(19, 1_000, after, 119_600))).toBe(false);
  });
});

describe('while it is open', () => {
  const open = failing(20, 1_000);

  test('nothing begins for a second, then one attempt alone', () => {
    expect(mayBegin(open, 0, open.openUntilMs - 1)).toBe(false);
    expect(mayBegin(open, 0, open.openUntilMs)).toBe(true);
    expect(mayBegin(open, 1, open.openUntilMs)).toBe(false);
    expect(open.openUntilMs).toBe(120_000 + 1_000);
  });

  test('what was under way when it opened changes nothing by failing', () => {
    expect(afterAttempt(open, true, 119_000, 120_500).openUntilMs).toBe(open.openUntilMs);
  });

  test('a probe that fails opens it for twice as long, up to 10 s', () => {
    const openedForMs: number[] = [];
    let circuit = open;
    for (let probe = 0; probe < 6; probe += 1) {
      circuit = afterAttempt(circuit, true, circuit.openUntilMs, circuit.openUntilMs + 500);
      openedForMs.push(circuit.openedForMs);
    }
    expect(openedForMs).toEqual([2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
  });

  test('one good answer closes it', () => {
    expect(afterAttempt(open, false, open.openUntilMs, open.openUntilMs + 20)).toEqual(closedCircuit);
  });
});
