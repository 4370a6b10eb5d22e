// The receiver of a benchmark, as a process of its own, so that its cost is not counted. Answers 204 at once.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerQuestions, receive } from './receipts.js';

const server = createServer(receive);
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
answerQuestions();
