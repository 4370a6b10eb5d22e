// DNS rebinding: a name server that answers a public address first and a private one next, asked over real UDP.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Resolver } from 'node:dns/promises';
import { expect, test } from '@jest/globals';
import { parseEgressRules } from '@postrider/egress';
import { deliverStage } from '../../test/deliver-stage.js';
import { ok } from '../../test/raw-server.js';

const { serve, sender, cleanUps } = deliverStage();

/** 127.0.0.1 stands for the public address; all else of loopback is forbidden, as the metadata service would be. */
const rules = parseEgressRules({
  ALLOW_HTTP_ENDPOINTS: 'true',
  EGRESS_ALLOW: '127.0.0.1/32',
  EGRESS_PORTS: '*',
});

/** Answers each query for an address with the next of `answers`, the last one for ever; counts the queries. */
async function nameServer(...answers: string[][]) {
  const socket = createSocket('udp4');
  let asked = 0;
  socket.on('message', (query, from) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    // RFC 1035 section 4.1: the id and the question come back, then one A record per address, its name a pointer.
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180, 2);
    header.writeUInt16BE(addresses.length, 6);
    header.writeUInt32BE(0, 8);
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const records = addresses.map((address) =>
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
    );
    socket.send(Buffer.concat([header, question, ...records]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  cleanUps.push(() => void socket.close());
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    asked: () => asked,
    resolve: async (name: string) =>
      (await resolver.resolve4(name)).map((address) => ({ address, family: 4 as const })),
  };
}

test('what was judged is what is connected to: the name is asked for once per connection', async () => {
  const server = await serve(ok);
  const names = await nameServer(['127.0.0.1'], ['127.0.0.2']);
  const { send } = sender({ rules, resolve: names.resolve });
  expect((await send(`http://rebind.example.test:${server.port}`)).failure).toBeNull();
  expect(names.asked()).toBe(1);
  expect(server.requests).toHaveLength(1);
});

test('the next connection is judged anew, and the record names no address', async () => {
  const server = await serve(ok);
  const names = await nameServer(['127.0.0.1'], ['127.0.0.2']);
  const origin = `http://rebind.example.test:${server.port}`;
  expect((await sender({ rules, resolve: names.resolve }).send(origin)).failure).toBeNull();
  const { failure, response } = await sender({ rules, resolve: names.resolve }).send(origin);
  expect(failure?.code).toBe('egress_blocked');
  expect(failure?.message).not.toMatch(/\d+\.\d+\.\d+\.\d+/);
  expect(response).toBeNull();
  expect(server.requests).toHaveLength(1);
});

test('one forbidden address among allowed ones is enough', async () => {
  const server = await serve(ok);
  const names = await nameServer(['127.0.0.1', '169.254.169.254']);
  const { failure } = await sender({ rules, resolve: names.resolve }).send(
    `http://rebind.example.test:${server.port}`,
  );
  expect(failure?.code).toBe('egress_blocked');
  expect(server.requests).toHaveLength(0);
});
