// `npm run demo`, beside a running `npm start`: makes an organization, a webhook and a receiver for it, publishes a few
// events, and shows them arrive, signed and, where the receiver was busy, again.
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { localFile, root } from './lib/paths.mjs';
import { until } from './lib/process.mjs';
import { UserError, say, sayError } from './lib/say.mjs';

const patienceMs = 30_000;

function readLocal() {
  try {
    return JSON.parse(readFileSync(localFile, 'utf8'));
  } catch {
    throw new UserError('Postrider is not running here. Start it first, in another terminal: npm start');
  }
}

/** A call with the admin key; anything but success is an error with what the server said. */
async function call(local, method, url, body) {
  const headers = { authorization: `Bearer ${local.AdminApiKey}`, 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (!response.ok) throw new UserError(`${method} ${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

const isSame = (a, b) => a?.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
const hmac = (key, text) => createHmac('sha256', key).update(text);

/** Both forms: X-Hub-Signature, keyed with the secret as it reads, and Standard Webhooks, keyed with the decoded secret. */
function isSigned(secret, body, headers) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': standard = '' } = headers;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const expected = `v1,${hmac(key, `${id}.${timestamp}.`).update(body).digest('base64')}`;
  return (
    isSame(headers['x-hub-signature'], `sha256=${hmac(secret, body).digest('hex')}`) &&
    standard.split(' ').some((signature) => isSame(signature, expected))
  );
}

/** A receiver as a customer would write it: checks the signature, then answers. It is "busy" for the first failed job. */
async function startReceiver(secretOf) {
  const arrivals = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { headers } = request;
    const topic = headers['x-postrider-topic'];
    const isBusy = topic === 'job.execution.failed' && headers['x-postrider-attempt'] === '1';
    const status = isBusy ? 503 : 200;
    const verdict = isSigned(secretOf(), body, headers) ? 'both signatures right' : 'SIGNATURE WRONG';
    arrivals.push({ topic, status, isRight: verdict !== 'SIGNATURE WRONG' });
    say(`  ← ${topic}, attempt ${headers['x-postrider-attempt']}, ${verdict}; answered ${status}`);
    response.writeHead(status).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}/webhook`, arrivals, stop };
}

const jobEvent = (state) => ({
  Resource: 'JobExecution',
  Data: { Id: randomUUID(), JobId: 'nightly-report', State: state, Target: { Command: 'make report' } },
});

async function publishOverNats(local, organizationId, topic, event) {
  const { EventPublisher } = await import(pathToFileURL(join(root, 'packages/messaging/dist/index.js')).href);
  const publisher = await EventPublisher.connect(local.NatsUrl, 'demo');
  await publisher.publish(organizationId, topic, JSON.stringify(event), randomUUID());
  await publisher.close();
}

async function demo(stopLater) {
  const local = readLocal();
  let secret = '';
  const receiver = await startReceiver(() => secret);
  stopLater(receiver.stop);
  const name = `Demo ${new Date().toISOString().slice(0, 19).replace('T', ' ')}`;
  const organization = await call(local, 'POST', `${local.ApiUrl}/v1/organizations`, { Name: name });
  const base = `${local.ApiUrl}/v1/organizations/${organization.Id}`;
  const webhook = await call(local, 'POST', `${base}/webhooks`, {
    Alias: 'Demo receiver',
    Type: 'webhook',
    Url: receiver.url,
    Topics: ['job.execution.*'],
  });
  secret = webhook.SigningSecret;
  say(`Organization "${name}" (${organization.Id}) with a webhook to ${receiver.url}`);

  const eventsUrl = `${local.IngestUrl}/v1/organizations/${organization.Id}/events`;
  say('Publishing job.execution.started over HTTP');
  await call(local, 'POST', eventsUrl, { Topic: 'job.execution.started', ...jobEvent('started') });
  say('Publishing job.execution.succeeded over NATS');
  await publishOverNats(local, organization.Id, 'job.execution.succeeded', jobEvent('succeeded'));
  say(
    'Publishing job.execution.failed over HTTP; the receiver will be busy at first, the retry comes after about 5 s',
  );
  await call(local, 'POST', eventsUrl, { Topic: 'job.execution.failed', ...jobEvent('failed') });

  const received = () => receiver.arrivals.filter((arrival) => arrival.status === 200);
  if (!(await until(() => received().length >= 3, patienceMs, 50))) {
    throw new UserError(`Only ${received().length} of 3 events arrived within ${patienceMs / 1000} s.`);
  }
  say('Pinging the webhook');
  const ping = await call(local, 'POST', `${base}/webhooks/${webhook.Id}/ping`);
  say(`  answered ${ping.LastStatusCode} after ${ping.DurationMs} ms: ${ping.Status}`);
  if (!receiver.arrivals.every((arrival) => arrival.isRight)) throw new UserError('A signature was wrong.');
  const isRecorded = async () => {
    const { Data } = await call(local, 'GET', `${base}/deliveries`);
    return Data.length === 4 && Data.every((delivery) => delivery.Status === 'Succeeded') && Data;
  };
  const deliveries = await until(isRecorded, 5_000, 100);
  if (!deliveries) throw new UserError('The delivery log does not show four succeeded deliveries.');
  say('All arrived and verified. The delivery log:');
  for (const { Id, Topic, Status, AttemptsCount } of deliveries) {
    say(`  ${Topic.padEnd(24)} ${Status}, ${AttemptsCount} attempt${AttemptsCount === 1 ? '' : 's'}   ${Id}`);
  }
  say(
    `One of them, with its attempts: curl -H "Authorization: Bearer $KEY" ${base}/deliveries/${deliveries[0].Id}`,
  );
  say('($KEY is the admin key: eval "$(node scripts/env.mjs)" sets it)');
}

let stop = () => {};
try {
  await demo((how) => (stop = how));
} catch (error) {
  sayError(error);
  process.exitCode = 1;
} finally {
  stop();
}
