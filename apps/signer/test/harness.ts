// A signer in this process on a real database and a real NATS, and the two services that ask it.
import {
  encodeSignRequest,
  requestSubjects,
  SignReply,
  type SignItem,
  type SignReplyItem,
} from '@postrider/contracts';
import { newId } from '@postrider/database';
import { askJson, Messaging } from '@postrider/messaging';
import { createLogger, type RunningService } from '@postrider/runtime';
import {
  createTestDatabase,
  startNats,
  waitFor,
  type TestDatabase,
  type TestNats,
} from '@postrider/test-kit';
import { randomBytes } from 'node:crypto';
import { readConfig } from '../src/config.js';
import { createSigner } from '../src/signer.js';
import { MasterKeys } from '../src/shared/master-keys.js';
import { seal, type SecretPlace } from '../src/shared/envelope.js';

export const newMasterKey = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;

export interface SignerOptions {
  readonly masterKeys?: string;
  readonly nowMs?: () => number;
  readonly databaseUrl?: string;
  /** Do not wait until it is ready. */
  readonly unready?: boolean;
}

type Ref = { readonly organizationId: string; readonly webhookId: string };
export type Signed = Extract<SignReplyItem, { HubSignature: string }>;

export class Harness {
  readonly masterKeys = newMasterKey('test-1');
  private readonly running = new Set<RunningService>();

  private constructor(
    readonly database: TestDatabase,
    readonly nats: TestNats,
    private readonly configApi: Messaging,
    private readonly dispatcher: Messaging,
  ) {}

  static async start(): Promise<Harness> {
    const [database, nats] = await Promise.all([createTestDatabase(), startNats({ users: true })]);
    const as = (user: 'config_api' | 'dispatcher') =>
      Messaging.open({ natsUrl: nats.urlFor(user), name: `test ${user}`, onStatus: () => undefined });
    return new Harness(database, nats, await as('config_api'), await as('dispatcher'));
  }

  async startSigner(options: SignerOptions = {}): Promise<RunningService> {
    const config = readConfig({
      SIGNER_PORT: '0',
      DATABASE_URL: options.databaseUrl ?? this.database.urlFor('signer'),
      NATS_URL: this.nats.urlFor('signer'),
      MASTER_KEYS: options.masterKeys ?? this.masterKeys,
    });
    const signer = await createSigner(config, createLogger('signer', 'silent'), options.nowMs);
    this.running.add(signer);
    await signer.app.listen(0, '127.0.0.1');
    const begun = signer.begin?.();
    if (options.unready !== true) {
      await begun;
      await waitFor('the signer to be ready', async () => (await signer.readiness.result()).ready);
    }
    return signer;
  }

  async stopSigner(signer: RunningService): Promise<void> {
    this.running.delete(signer);
    signer.readiness.drain();
    await signer.drain?.();
    await signer.app.close();
    await signer.close?.();
  }

  async stop(): Promise<void> {
    for (const signer of this.running) await this.stopSigner(signer);
    await Promise.all([this.configApi.close(), this.dispatcher.close()]);
    await this.database.drop();
    await this.nats.stop();
  }

  newWebhook(organizationId = newId()): Ref {
    return { organizationId, webhookId: newId() };
  }

  create(webhook: Ref, authorization: string | null = null) {
    return askJson(this.configApi, 'createSecret', { ...named(webhook), Authorization: authorization });
  }

  rotate(webhook: Ref, graceSeconds: number) {
    return askJson(this.configApi, 'rotateSecret', { ...named(webhook), GraceSeconds: graceSeconds });
  }

  setAuthorization(webhook: Ref, authorization: string | null) {
    return askJson(this.configApi, 'setAuthorization', { ...named(webhook), Authorization: authorization });
  }

  deleteSecrets(organizationId: string, webhookId: string | null) {
    return askJson(this.configApi, 'deleteSecrets', { OrganizationId: organizationId, WebhookId: webhookId });
  }

  async sign(...items: (Ref & Partial<SignItem>)[]): Promise<SignReplyItem[]> {
    const request = encodeSignRequest(items.map((item) => ({ ...anyItem, ...item })));
    const reply = await this.dispatcher.request(requestSubjects.sign, request, 10_000);
    return SignReply.parse(JSON.parse(Buffer.from(reply).toString('utf8'))).Items;
  }

  async signOne(item: Ref & Partial<SignItem>): Promise<Signed> {
    const [signed] = await this.sign(item);
    if (signed === undefined || 'Error' in signed) throw new Error(`not signed: ${JSON.stringify(signed)}`);
    return signed;
  }

  /** Publishes bytes to the signer as the dispatcher would. */
  async signBytes(bytes: Uint8Array): Promise<string> {
    return Buffer.from(await this.dispatcher.request(requestSubjects.sign, bytes, 10_000)).toString('utf8');
  }

  /** Stores a secret of any text as the signer does; the last is the current one, those before it are in their grace. */
  async store(webhook: Ref, secrets: readonly string[], masterKeys = this.masterKeys): Promise<void> {
    const keys = MasterKeys.parse(masterKeys);
    for (const [index, secret] of secrets.entries()) {
      const version = index + 1;
      const place: SecretPlace = { ...webhook, field: 'signing-secret', version };
      await this.database.query(
        `INSERT INTO signing_secrets (webhook_id, version, organization_id, sealed, key_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, now_ms(), CASE WHEN $6 THEN NULL ELSE now_ms() + 3600000 END)`,
        [
          webhook.webhookId,
          version,
          webhook.organizationId,
          seal(keys, place, secret),
          keys.newest.id,
          version === secrets.length,
        ],
      );
    }
  }
}

const named = ({ organizationId, webhookId }: Ref) => ({
  OrganizationId: organizationId,
  WebhookId: webhookId,
});

const anyItem = {
  secretVersion: 1,
  messageId: 'evt_1',
  timestamp: 1_700_000_000,
  prefix: Buffer.from('{"Data":{}'),
  suffix: '}',
};

/** How many signatures `webhook-signature` carries. */
export const signaturesIn = (signed: Signed): number => signed.StandardSignature.split(' ').length;
