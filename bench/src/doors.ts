// The ways into a system: what a publisher calls.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { EventPublisher } from '@postrider/messaging';
import { Pool } from 'undici';
import { topic, type BenchEvent } from './event.js';
import type { Door } from './order.js';
import { peerOf } from './peers/peers.js';

export interface Numbered {
  readonly n: number;
  readonly event: BenchEvent;
}

export interface OpenDoor {
  /** How many events it takes at once. */
  readonly batch: number;
  /** Resolves once they are kept. */
  publish(events: readonly Numbered[]): Promise<void>;
  /** Ends a command; the others end with their process. */
  close?(): void;
}

/** HTTP clients, each with a connection of its own. */
const httpClients = 64;

export async function openDoor(door: Door): Promise<OpenDoor> {
  switch (door.kind) {
    case 'nats':
      return natsDoor(door);
    case 'http':
      return httpDoor(door);
    case 'peer': {
      const queue = await peerOf(door.peer).openQueue(door.connection);
      return {
        batch: 100,
        publish: (events) =>
          queue.add(events.map(({ n, event }) => ({ Webhook: n % door.webhooks, Event: event }))),
      };
    }
    case 'command':
      return commandDoor(door);
  }
}

const turn = (list: readonly string[], n: number): string => list[n % list.length] ?? '';

async function natsDoor(door: Door & { kind: 'nats' }): Promise<OpenDoor> {
  const publisher = await EventPublisher.connect(door.natsUrl, 'bench');
  const one = ({ n, event }: Numbered) =>
    publisher.publish(turn(door.organizations, n), topic, JSON.stringify(event), event.Id);
  return {
    batch: 1,
    publish: async (events) => {
      await Promise.all(events.map(one));
    },
  };
}

function httpDoor(door: Door & { kind: 'http' }): OpenDoor {
  const pool = new Pool(door.ingestUrl, { connections: httpClients, pipelining: 1 });
  const headers = { authorization: `Bearer ${door.key}`, 'content-type': 'application/json' };
  const one = async ({ n, event }: Numbered): Promise<void> => {
    const path = `/v1/organizations/${turn(door.organizations, n)}/events`;
    const body = JSON.stringify({ ...event, Topic: topic });
    const { statusCode, body: answer } = await pool.request({ method: 'POST', path, headers, body });
    const text = await answer.text();
    if (statusCode !== 202) throw new Error(`${statusCode} ${text}`);
  };
  return {
    batch: 1,
    publish: async (events) => {
      await Promise.all(events.map(one));
    },
  };
}

/** Another system's publish command: gets one event per line, with the URL that it has to be delivered to; its input ends with us. */
function commandDoor(door: Door & { kind: 'command' }): OpenDoor {
  const child = spawn(door.command, { shell: true, stdio: ['pipe', 'ignore', 'inherit'] });
  child.once('exit', (code) => {
    if (code !== 0) process.stderr.write(`${door.command}: ended with ${code}\n`);
  });
  return {
    batch: 100,
    publish: async (events) => {
      const lines = events.map(({ n, event }) =>
        JSON.stringify({ ...event, Topic: topic, Url: turn(door.urls, n) }),
      );
      if (!child.stdin.write(`${lines.join('\n')}\n`)) await once(child.stdin, 'drain');
    },
    close: () => child.stdin.end(),
  };
}
