// `npm start` as a stranger sees it: its local.json, and the processes that stand there.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPool } from '@postrider/database';
import {
  childEnvironment,
  connectNats,
  keep,
  sendRequest,
  temporaryFolder,
  waitFor,
  type NatsClient,
  type Reply,
} from '@postrider/test-kit';
import type { Playground } from './world.js';

interface Local {
  readonly ApiUrl: string;
  readonly IngestUrl: string;
  readonly NatsUrl: string;
  readonly DatabaseUrl: string;
  readonly AdminApiKey: string;
  readonly HealthUrls: Readonly<Record<string, string>>;
  readonly Pids: Readonly<Record<string, readonly number[]>>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
/** It may have to build first. */
const startLimitMs = 400_000;
const anyPort = { CONFIG_API_PORT: '0', EVENT_INGEST_PORT: '0', DISPATCHER_PORT: '0', SIGNER_PORT: '0' };

export class LocalStart implements Playground {
  private output = '';
  private publisher: Promise<NatsClient> | undefined;
  private pool: ReturnType<typeof createPool> | undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly stateDir: string,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /** Starts it with data of its own, on ports that are free. */
  static async start(): Promise<LocalStart> {
    const stateDir = temporaryFolder('chaos-start');
    const child = spawn(process.execPath, [join(root, 'scripts', 'start.mjs')], {
      cwd: root,
      env: { ...childEnvironment(), ...anyPort, POSTRIDER_STATE_DIR: stateDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    keep(child);
    const started = new LocalStart(child, stateDir);
    const isUp = (): boolean => {
      if (child.exitCode !== null) throw new Error('it has ended');
      return started.output.includes('is up') && Object.keys(started.local.Pids).length > 0;
    };
    await waitFor('npm start', isUp, { timeoutMs: startLimitMs }).catch((error: unknown) => {
      child.kill('SIGTERM');
      throw new Error(`${String(error)}\n${started.output}`, { cause: error });
    });
    return started;
  }

  /** As it stands in the file now. */
  get local(): Local {
    return JSON.parse(readFileSync(join(this.stateDir, 'local.json'), 'utf8')) as Local;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  api(method: string, path: string, body?: unknown): Promise<Reply> {
    return this.call(`${this.local.ApiUrl}${path}`, method, body);
  }

  ingest(method: string, path: string, body?: unknown, options?: { timeoutMs?: number }): Promise<Reply> {
    return this.call(`${this.local.IngestUrl}${path}`, method, body, options?.timeoutMs);
  }

  private call(url: string, method: string, body: unknown, timeoutMs = 15_000): Promise<Reply> {
    const headers = { authorization: `Bearer ${this.local.AdminApiKey}` };
    return sendRequest(method, url, { headers, body, timeoutMs });
  }

  async publish(organizationId: string, topic: string, event: unknown, eventId: string): Promise<void> {
    this.publisher ??= connectNats(this.local.NatsUrl);
    try {
      const subject = `postrider.events.v1.${organizationId}.${topic}`;
      await (await this.publisher).publish(subject, JSON.stringify(event), { msgId: eventId });
    } catch (error) {
      this.publisher = undefined;
      throw error;
    }
  }

  readonly database = {
    query: async <Row extends object>(sql: string, params: readonly unknown[] = []): Promise<Row[]> => {
      this.pool ??= createPool(
        { databaseUrl: this.local.DatabaseUrl, applicationName: 'chaos', max: 1 },
        () => undefined,
      );
      return (await this.pool.query<Row>(sql, [...params])).rows;
    },
  };

  async isReady(part: string): Promise<boolean> {
    const url = this.local.HealthUrls[part];
    if (url === undefined) return true;
    return sendRequest('GET', url, { timeoutMs: 2_000 }).then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** What it has printed; all of its logs are in files. */
  logs(lines = 30): string {
    return this.output.trimEnd().split('\n').slice(-lines).join('\n');
  }

  async stop(): Promise<void> {
    await this.publisher?.then(
      (client) => client.close(),
      () => undefined,
    );
    await this.pool?.end();
    if (!this.isRunning) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}
