// `npm run demo`, beside a running `npm start`: makes an organization, a webhook and a receiver for it, publishes a few
// events, and shows them arrive, signed and, where the receiver was busy, again. While the retry is due it shows the
// examples at work: a scheduler that publishes what becomes of its jobs, and a gateway that lets users in by their roles.
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { startReceiver } from './lib/demo-receiver.mjs';
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

/** Two jobs, run once each: four events. */
async function runScheduler(local, organizationId, stopLater) {
  say('Meanwhile a scheduler (examples/scheduler) runs two jobs, and tells what becomes of them over NATS');
  const folder = join(root, 'examples', 'scheduler');
  const child = spawn(
    process.execPath,
    [join(folder, 'scheduler.mjs'), join(folder, 'jobs.json'), '--runs', '1'],
    {
      env: { ...process.env, NATS_URL: local.NatsUrl, ORGANIZATION: organizationId },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  stopLater(() => child.kill());
  createInterface({ input: child.stdout }).on('line', (line) => say(`  scheduler: ${line}`));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new UserError(`The scheduler ended with ${code}.`);
}

/** A user who may look, and one who may change, each through the gateway with a token of their own. */
async function useGateway(local, organizationId, webhookId, stopLater) {
  const { startGateway } = await import(pathToFileURL(join(root, 'examples', 'gateway', 'gateway.mjs')).href);
  const user = (Name, Role) => ({
    Name,
    Role,
    Organization: organizationId,
    Token: randomBytes(16).toString('hex'),
  });
  const [ada, ben] = [user('ada', 'viewer'), user('ben', 'editor')];
  const gateway = await startGateway({
    apiUrl: local.ApiUrl,
    adminKey: local.AdminApiKey,
    users: [ada, ben],
  });
  stopLater(gateway.stop);
  say(
    `A gateway (examples/gateway) lets users in by their roles: ${ada.Name} may look, ${ben.Name} may change`,
  );
  const ask = async ({ Name, Role, Token }, method, path, expected) => {
    const response = await fetch(gateway.url + path, {
      method,
      headers: { authorization: `Bearer ${Token}` },
    });
    const body = await response.json();
    say(
      `  ${Name} (${Role}) ${method} ${path.replace(webhookId, '…')}: ${response.status} ${body.code ?? body.Status ?? 'OK'}`,
    );
    if (response.status !== expected) throw new UserError(`The gateway should have answered ${expected}.`);
  };
  await ask(ada, 'GET', '/deliveries?Limit=5', 200);
  await ask(ada, 'POST', `/webhooks/${webhookId}/ping`, 403);
  await ask(ben, 'POST', `/webhooks/${webhookId}/ping`, 200);
}

async function demo(stopLater) {
  const local = readLocal();
  let secret = '';
  const receiver = await startReceiver({
    secretOf: () => secret,
    busyFor: { topic: 'job.execution.failed', text: 'nightly-report' },
  });
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

  await runScheduler(local, organization.Id, stopLater);
  await useGateway(local, organization.Id, webhook.Id, stopLater);
  // Three published here, four by the scheduler, and the ping.
  const expected = 8;
  const received = () => receiver.arrivals.filter((arrival) => arrival.status === 200);
  if (!(await until(() => received().length >= expected, patienceMs, 50))) {
    throw new UserError(
      `Only ${received().length} of ${expected} events arrived within ${patienceMs / 1000} s.`,
    );
  }
  if (!receiver.arrivals.every((arrival) => arrival.isRight)) throw new UserError('A signature was wrong.');
  const isRecorded = async () => {
    const { Data } = await call(local, 'GET', `${base}/deliveries`);
    return Data.length === expected && Data.every((delivery) => delivery.Status === 'Succeeded') && Data;
  };
  const deliveries = await until(isRecorded, patienceMs, 100);
  if (!deliveries) throw new UserError(`The delivery log does not show ${expected} succeeded deliveries.`);
  say('All arrived and verified. The delivery log:');
  for (const { Id, Topic, Status, AttemptsCount } of deliveries) {
    say(`  ${Topic.padEnd(24)} ${Status}, ${AttemptsCount} attempt${AttemptsCount === 1 ? '' : 's'}   ${Id}`);
  }
  say(
    `One of them, with its attempts: npm run cli -- -o ${organization.Id} deliveries show ${deliveries[0].Id}`,
  );
  say(`Watch them live:                npm run cli -- -o ${organization.Id} listen`);
}

const stops = [];
try {
  await demo((stop) => stops.push(stop));
} catch (error) {
  sayError(error);
  process.exitCode = 1;
} finally {
  for (const stop of stops.reverse()) await stop();
}
