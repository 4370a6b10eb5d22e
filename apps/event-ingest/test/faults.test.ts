// PostgreSQL or NATS away, and back: no false 202, nothing lost, no restart needed.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sendRequest, startTcpProxy, waitFor, type TcpProxy } from '@postrider/test-kit';
import { Ingest, topic } from './ingest.js';

let ingest: Ingest;
let proxy: TcpProxy;

const event = (Id: string): object => ({ Id, Topic: topic, Data: { Id } });

beforeEach(async () => {
  ingest = await Ingest.prepare({
    throughProxy: async (databaseUrl) => {
      proxy = await startTcpProxy(Number(new URL(databaseUrl).port));
      return proxy.urlFor(databaseUrl);
    },
  });
  await ingest.addWebhook();
});
afterEach(async () => {
  proxy.restore();
  await ingest.close();
  await proxy.stop();
});

async function checks(): Promise<Record<string, { ok: boolean; reason: string | null }>> {
  const { body } = await ingest.readiness();
  return (body as { checks: Record<string, { ok: boolean; reason: string | null }> }).checks;
}

describe('PostgreSQL away', () => {
  test('HTTP answers 503 with Retry-After, NATS keeps its events; both go on when it is back', async () => {
    await ingest.open();
    await ingest.accept(event('before'));
    proxy.cut();
    const away = await Promise.all([ingest.post(event('away')), ingest.post([event('a1'), event('a2')])]);
    for (const reply of away) {
      expect(reply).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(await ingest.readiness()).toMatchObject({ status: 503 });
    expect((await checks())['database']?.ok).toBe(false);
    const ids = Array.from({ length: 500 }, (_, n) => `waiting-${n}`);
    await Promise.all(ids.map((Id) => ingest.publish({ Id, Data: {} })));
    // Without a spin: while it is away, a batch is tried again about once a second.
    const failures = ingest.logged('events.trouble').length;
    await waitFor('a failed batch', () => ingest.logged('events.trouble').length > failures);
    expect(await ingest.backlog()).toBe(500);
    proxy.restore();
    await waitFor('an empty stream', async () => (await ingest.backlog()) === 0, { timeoutMs: 20_000 });
    expect(ingest.logged('events.trouble').length).toBeLessThan(30);
    const stored = await ingest.events();
    expect(stored.filter(({ id }) => id.startsWith('waiting-'))).toHaveLength(500);
    expect(await ingest.accept(event('after'))).toMatchObject({ Duplicate: false });
    await waitFor('readiness', async () => (await ingest.readiness()).status === 200);
    expect(stored.map(({ id }) => id)).not.toContain('away');
    expect(await ingest.database.query('SELECT 1 FROM rejected_events')).toEqual([]);
  });

  test('a database that only reads, as with a full disk or after a switch to a standby, is told by its refused commits', async () => {
    await ingest.open();
    const { database } = ingest;
    const [{ name } = { name: '' }] = await database.query<{ name: string }>(
      'SELECT current_database() AS name',
    );
    const turnWrites = async (statement: string): Promise<void> => {
      await database.query(`ALTER DATABASE ${name} ${statement}`);
      await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name LIKE 'event-ingest%'`,
      );
    };
    await turnWrites('SET default_transaction_read_only = on');
    // The first may meet a connection that has just ended.
    await waitFor('a refusal', async () => {
      expect(await ingest.post(event('refused'))).toMatchObject({
        status: 503,
        body: { code: 'unavailable' },
      });
      return /read-only/.test((await checks())['commit']?.reason ?? '');
    });
    expect((await checks())['database']?.ok).toBe(true);
    await turnWrites('RESET default_transaction_read_only');
    await waitFor('an accepted event', async () => (await ingest.post(event('taken'))).status === 202);
    expect((await checks())['commit']?.ok).toBe(true);
  });

  test('connections that are ended in the middle of the work lose nothing that was accepted', async () => {
    await ingest.open();
    const accepted: string[] = [];
    let sent = 0;
    const client = async (): Promise<void> => {
      while (sent < 1_500) {
        const id = `cut-${(sent += 1)}`;
        const reply = await ingest.post(event(id));
        if (reply.status === 202) accepted.push(id);
        else expect(reply.status).toBe(503);
      }
    };
    const clients = Promise.all(Array.from({ length: 16 }, client));
    for (const limit of [250, 750, 1_250]) {
      await waitFor('some requests', () => sent >= limit);
      await ingest.database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name LIKE 'event-ingest%'`,
      );
    }
    await clients;
    const stored = new Set((await ingest.events()).map(({ id }) => id));
    expect(accepted.filter((id) => !stored.has(id))).toEqual([]);
    const deliveries = new Set((await ingest.deliveries()).map((row) => row.event_id));
    expect(accepted.filter((id) => !deliveries.has(id))).toEqual([]);
    expect(accepted.length).toBeGreaterThan(1_000);
  });

  test('a commit whose answer got lost: what comes again is the same event, with or without an Id', async () => {
    await ingest.open();
    // Each array commits on a connection of its own: from now on all of them are open.
    await Promise.all(['a', 'b', 'c', 'd'].map((n) => ingest.post([event(`${n}-1`), event(`${n}-2`)])));
    proxy.setDelay(60_000);
    const unanswered = ingest.post(event('unanswered'));
    await ingest.publish({ Data: { it: 'has no Id' } });
    const isStored = async () => (await ingest.events()).length === 10;
    await waitFor('both commits', isStored);
    proxy.cut();
    expect((await unanswered).status).toBe(503);
    proxy.setDelay(0);
    proxy.restore();
    await waitFor('an empty stream', async () => (await ingest.backlog()) === 0);
    expect(await ingest.accept(event('unanswered'))).toEqual({
      Id: 'unanswered',
      Duplicate: true,
      Deliveries: 1,
    });
    expect(await isStored()).toBe(true);
    expect(await ingest.deliveries()).toHaveLength(10);
  });

  test('away at the start: 503 until it is there, then ready without a restart', async () => {
    proxy.cut();
    const started = ingest.start();
    await waitFor('the door', () => ingest.url !== '');
    expect(await ingest.post(event('early'))).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    await ingest.publish(event('early-over-nats')).catch(() => undefined);
    const { configuration } = await checks();
    expect(configuration).toMatchObject({ ok: false });
    proxy.restore();
    await started;
    await waitFor('readiness', async () => (await ingest.readiness()).status === 200);
    expect(await ingest.accept(event('late'))).toMatchObject({ Deliveries: 1 });
  });

  test('a network that swallows everything: 503 within seconds, and on it goes when it is mended', async () => {
    await ingest.open();
    await ingest.accept(event('before'));
    proxy.freeze();
    const stuck = ingest.post(event('stuck'), { timeoutMs: 15_000 });
    await ingest.publish(event('stuck-over-nats'));
    expect(await stuck).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    proxy.restore();
    await waitFor('the next event', async () => (await ingest.post(event('next'))).status === 202);
    await ingest.event('stuck-over-nats');
  });

  test('each statement 500 ms slower: slower, and otherwise the same', async () => {
    await ingest.open();
    proxy.setDelay(500);
    const replies = await Promise.all(Array.from({ length: 100 }, (_, n) => ingest.post(event(`slow-${n}`))));
    expect(replies.map(({ status }) => status)).toEqual(Array(100).fill(202));
    proxy.setDelay(0);
    expect(await ingest.deliveries()).toHaveLength(100);
  });
});

describe('NATS away', () => {
  test('HTTP goes on accepting, readiness tells, and afterwards both doors work', async () => {
    await ingest.open();
    await ingest.nats.kill();
    await waitFor('readiness to tell', async () => (await ingest.readiness()).status === 503);
    const { nats, database } = await checks();
    expect(nats?.reason).toMatch(/NATS is away/);
    expect(database?.ok).toBe(true);
    expect(await ingest.accept(event('meanwhile'))).toEqual({
      Id: 'meanwhile',
      Duplicate: false,
      Deliveries: 1,
    });
    const [delivery] = await ingest.deliveries('meanwhile');
    expect(delivery).toMatchObject({ status: 'Pending' });
    await ingest.nats.wipeStore();
    await ingest.nats.restart();
    await waitFor('readiness', async () => (await ingest.readiness()).status === 200);
    // Streams and consumer are made anew.
    await waitFor('the stream', () => ingest.publish(event('again')).then(() => true));
    await ingest.event('again');
    // Whoever watches the lane reconnects in its own time, and the lane waits for nobody.
    let tries = 0;
    await waitFor('the lane', async () => {
      await ingest.accept(event(`http-again-${(tries += 1)}`));
      return ingest.lane.some(({ event: { id } }) => id.startsWith('http-again-'));
    });
  });

  test('away at the start: the HTTP door works, and the other opens when NATS comes', async () => {
    await ingest.nats.stop();
    await ingest.start();
    expect(await ingest.accept(event('alone'))).toMatchObject({ Deliveries: 1 });
    expect((await checks())['nats']?.ok).toBe(false);
    await ingest.nats.restart();
    await waitFor('readiness', async () => (await ingest.readiness()).status === 200);
    await waitFor('the stream', () => ingest.publish(event('together')).then(() => true));
    await ingest.event('together');
  });
});

test('a stop under load finishes what it has taken in, and what it has not stays in JetStream', async () => {
  await ingest.open();
  const accepted: string[] = [];
  let stopped = false;
  const client = async (n: number): Promise<void> => {
    for (let k = 0; !stopped; k += 1) {
      const reply = await ingest.post(event(`drain-${n}-${k}`)).catch(() => null);
      if (reply?.status === 202) accepted.push(`drain-${n}-${k}`);
    }
  };
  const clients = Array.from({ length: 8 }, (_, n) => client(n));
  const published = Array.from({ length: 2_000 }, (_, n) => ingest.publish({ Id: `left-${n}`, Data: {} }));
  await waitFor('some answers', () => accepted.length > 50);
  await ingest.stop();
  stopped = true;
  await Promise.all(clients);
  await Promise.all(published);
  const stored = new Set((await ingest.events()).map(({ id }) => id));
  expect(accepted.filter((id) => !stored.has(id))).toEqual([]);
  const left = Array.from({ length: 2_000 }, (_, n) => `left-${n}`).filter((id) => !stored.has(id));
  // JetStream takes acknowledgements in its own time.
  await waitFor('the acknowledgements', async () => (await ingest.backlog()) === left.length);
  await ingest.start();
  await waitFor('an empty stream', async () => (await ingest.backlog()) === 0);
  const events = (await ingest.events()).filter(({ id }) => id.startsWith('left-'));
  expect(events).toHaveLength(2_000);
  expect((await sendRequest('GET', `${ingest.url}/health/live`)).status).toBe(200);
});
