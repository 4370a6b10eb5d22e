// The way into any other system: what --against names.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startReceiver, type Receiver } from '@postrider/test-kit';
import { openDoor } from './doors.js';
import { makeEvent, topic } from './event.js';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());

/** A system as small as it can be: posts each line to the Url that it names. */
const forward = `for await (const line of require('readline').createInterface({ input: process.stdin }))
  await fetch(JSON.parse(line).Url, { method: 'POST', body: line });`;

test('a command gets an event per line with the URL that it has to be delivered to, each URL in turn', async () => {
  const urls = ['/a', '/b'].map((path) => receiver.url + path);
  const command = `'${process.execPath}' -e '(async () => { ${forward.replaceAll("'", '"')} })()'`;
  const door = await openDoor({ kind: 'command', command, urls });
  await door.publish([0, 1, 2].map((n) => ({ n, event: makeEvent(`evt_${n}`, 10) })));
  const requests = await receiver.waitForRequests(3);
  const seen = requests.map(
    (request) => [request.path, request.json<{ Id: string; Topic: string }>()] as const,
  );
  expect(seen.map(([path, { Id, Topic }]) => [path, Id, Topic])).toEqual([
    ['/a', 'evt_0', topic],
    ['/b', 'evt_1', topic],
    ['/a', 'evt_2', topic],
  ]);
  door.close?.();
});
