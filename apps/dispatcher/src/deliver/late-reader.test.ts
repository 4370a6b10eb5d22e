// A dispatcher too busy to read in time: what had been answered within the deadline is received all the same.
import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { deliverStage } from '../../test/deliver-stage.js';

const { sender, cleanUps } = deliverStage();

/** Answers a moment after it has told that a request came, and then sets the flag. */
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const server = require('node:http').createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    parentPort.postMessage('came');
    setTimeout(() => response.end('ok', () => {
      Atomics.store(workerData, 0, 1);
      Atomics.notify(workerData, 0);
    }), 100);
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

test('an answer that has come is no timeout because nobody has read it yet', async () => {
  const isAnswered = new Int32Array(new SharedArrayBuffer(4));
  const receiver = new Worker(program, { eval: true, workerData: isAnswered });
  cleanUps.push(async () => void (await receiver.terminate()));
  const [port] = (await once(receiver, 'message')) as [number];
  const startedMs = performance.now();
  const result = sender().send(`http://127.0.0.1:${port}`, { timeoutSeconds: 1 });
  await once(receiver, 'message');
  // From here on nothing is read here, until the answer has come and the deadline is over.
  Atomics.wait(isAnswered, 0, 0, 60_000);
  while (performance.now() - startedMs < 1_200);
  const { failure, response } = await result;
  expect(failure).toBeNull();
  expect(response?.body.toString()).toBe('ok');
});
