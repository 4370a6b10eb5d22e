// The proof that all parts work together: an organization for the moment, a receiver on this machine, a ping, verified.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PostriderApiError, type PostriderClient } from '@postrider/client';
import { verify } from '@postrider/receiver';
import { ok, reasonOf, unsure, wrong, type Finding } from './check.js';

const part = 'delivery';

export async function checkDelivery(client: PostriderClient): Promise<Finding> {
  const receiver = await startReceiver();
  let organizationId: string | undefined;
  try {
    organizationId = (await client.createOrganization({ Name: 'postrider doctor' })).Id;
    const { webhooks } = client.organization(organizationId);
    const { Id, SigningSecret } = await webhooks.create({ Url: receiver.url, Topics: ['*'] });
    const begun = performance.now();
    const { Status, LastError } = await webhooks.ping(Id);
    const tookMs = Math.round(performance.now() - begun);
    const [request] = receiver.requests;
    if (Status !== 'Succeeded' || request === undefined) {
      const reason =
        LastError === null ? `the delivery is ${Status}` : `${LastError.Code}: ${LastError.Message}`;
      const remedy =
        'The dispatcher runs elsewhere? Then it can not reach this machine: ping a real webhook (postrider webhooks ping <id>). Else look at what is wrong above, and at its log.';
      return wrong(part, `a ping to a receiver on this machine did not come: ${reason}`, remedy);
    }
    verify(request.body, request.headers, SigningSecret ?? '');
    return ok(part, `a ping came to a receiver on this machine, signed, recorded, in ${tookMs} ms`);
  } catch (error) {
    return judge(error);
  } finally {
    await receiver.stop();
    if (organizationId !== undefined) await client.deleteOrganization(organizationId).catch(() => undefined);
  }
}

function judge(error: unknown): Finding {
  if (error instanceof PostriderApiError && error.code === 'url_forbidden') {
    const remedy = 'That is as it should be in production. Try a real one: postrider webhooks ping <id>';
    return unsure(part, 'not tried: loopback receivers are not allowed here', remedy);
  }
  if (error instanceof PostriderApiError && error.status === 403) {
    return unsure(part, 'not tried: that takes the admin key', 'Set POSTRIDER_API_KEY to the admin key.');
  }
  return wrong(
    part,
    `a ping to a receiver on this machine failed: ${reasonOf(error)}`,
    'Look at what is wrong above first, then at the logs.',
  );
}

interface Received {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

async function startReceiver() {
  const requests: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/postrider-doctor`,
    requests,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
