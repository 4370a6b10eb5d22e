// Puts the stages together, and starts and stops them in the right order.
import {
  noticeSubjects,
  ProblemError,
  requestSubjects,
  type WebhookConfiguration,
} from '@postrider/contracts';
import {
  DatabaseClock,
  isDatabaseAway,
  loadConfiguration,
  loadWebhookConfiguration,
} from '@postrider/database';
import { askJson, ConfigurationFollower, type Messaging } from '@postrider/messaging';
import { failPoint, version, type Logger, type Readiness } from '@postrider/runtime';
import type { Pool } from 'pg';
import { Admission } from './admit/admission.js';
import { patienceMs } from './admit/concurrency.policy.js';
import { ClaimStage } from './claim/claim-stage.js';
import { startAttemptTraces, type AttemptTraces } from './attempt-traces.js';
import { Claimer } from './claim/claimer.js';
import { maxTogether } from './claim/claim-messages.js';
import { putOffTurn, restAfterDigest } from './claim/message-turns.js';
import { overdueMeter } from './claim/measure-overdue.js';
import type { DispatcherConfig } from './config.js';
import { Connector } from './deliver/connector.js';
import { EndpointBook } from './deliver/endpoint-book.js';
import { HttpClient, maxResponseHeaderBytes } from './deliver/http-client.js';
import { OriginPool } from './deliver/origin-pool.js';
import { DeliveryPipeline } from './delivery.pipeline.js';
import { createHotPool } from './hot-pool.js';
import { MailSender } from './mail-sender.js';
import { MessageSender } from './message-sender.js';
import { Intake } from './receive/intake.js';
import type { LaneReceiver } from './receive/lane.controller.js';
import { Batcher } from './record/batcher.js';
import { ChangeTeller } from './record/changed-deliveries.js';
import { retryAfterMs } from './record/classify-response.policy.js';
import { headerMap } from './record/judge-outcome.js';
import { moveDeliveries, type DeliveryMove } from './record/move-deliveries.js';
import type { AttemptOutcome } from './record/outcome.js';
import { MinuteTally } from './record/minute-tally.js';
import { Peers } from './peers.js';
import { recordAttempts } from './record/record-attempts.js';
import { outcomeWriter } from './record/write-outcomes.js';
import { Replayer } from './replay/replayer.js';
import { WebhookDisabler } from './requests/webhook-disabler.js';
import type { RequestDesk } from './requests/requests.controller.js';
import { SignBatcher } from './sign/sign-batcher.js';
import { startClock } from './start-clock.js';
import { tasksOf } from './task.js';
import { Teller } from './tell/teller.js';
import { measure, registerLevels, tellAttempt } from './telemetry.js';
import { WebhookCopy } from './webhook-copy.js';

const signTimeoutMs = 3_000;
const drainMs = 10_000;
/** How long a chat service is left alone after a 429 that does not say, and at most. */
const tooManyMs = 30_000;
const maxPutOffMs = 3_600_000;
const failingAfterMs = 5 * 86_400_000;
/** Outcomes that wait for the database at most; beyond, nothing more is begun. */
const maxUnrecorded = 20_000;

export class Dispatcher {
  private readonly pool: Pool;
  private readonly clock: DatabaseClock;
  private readonly webhooks: WebhookCopy;
  private readonly follower: ConfigurationFollower;
  private readonly peers: Peers;
  private readonly admission: Admission;
  private readonly connections: OriginPool;
  private readonly endpoints: EndpointBook;
  private readonly outcomes: Batcher<AttemptOutcome>;
  private readonly moves: Batcher<DeliveryMove>;
  private readonly changes: ChangeTeller;
  private readonly tally: MinuteTally;
  private readonly teller: Teller;
  private readonly disabler: WebhookDisabler;
  private readonly pipeline: DeliveryPipeline;
  private readonly claimer: Claimer;
  private readonly replayer: Replayer;
  private readonly intake: Intake;
  private readonly mail: MailSender | null;
  private readonly traces: AttemptTraces | null;

  constructor(
    private readonly config: DispatcherConfig,
    private readonly messaging: Messaging,
    private readonly logger: Logger,
  ) {
    this.pool = createHotPool(config.databaseUrl, (error) =>
      this.report('a database connection broke', error),
    );
    this.mail = config.mail === null ? null : new MailSender(config.mail);
    this.clock = new DatabaseClock(this.pool);
    this.traces = startAttemptTraces(config, () => this.clock.nowMs(), logger);
    this.webhooks = new WebhookCopy({ load: (org, id) => loadWebhookConfiguration(this.pool, org, id) });
    this.follower = new ConfigurationFollower({
      messaging,
      load: (sinceMs) => loadConfiguration(this.pool, sinceMs),
      databaseNow: () => this.clock.nowMs(),
      apply: (entry) => this.webhooks.apply(entry),
      onError: (what, error) => this.report(what, error),
    });
    this.connections = new OriginPool(new Connector(config.egress, { proxy: config.egressProxy }), {
      maxIdle: config.maxInFlight * 2,
      maxHeaderBytes: maxResponseHeaderBytes,
      now: Date.now,
    });
    this.peers = new Peers({
      tell: (notice) => this.messaging.publish(noticeSubjects.dispatcherAlive, JSON.stringify(notice)),
      now: Date.now,
    });
    this.endpoints = new EndpointBook(config.egress, config.limitsLoopback);
    this.admission = new Admission({
      maxInFlight: config.maxInFlight,
      dispatchers: () => this.peers.count,
      maxPerOrganization: Math.ceil(config.maxInFlight / 2),
      maxPerOrigin: config.maxInFlightPerOrigin,
      originOf: ({ webhook }) => this.endpoints.limitedOrigin(webhook),
      now: Date.now,
      random: Math.random,
      isLeaseGood: (admitted) => this.pipeline.isLeaseGood(admitted),
      start: (admitted) => this.pipeline.start(admitted),
      park: (admitted, delayMs) => {
        measure.parked();
        this.pipeline.park(admitted, delayMs);
      },
      drop: (admitted) => tasksOf(admitted).forEach((task) => this.pipeline.giveUp(task)),
      patienceMs: (held) => patienceMs(held, config.maxHeldInMemory),
    });
    this.changes = new ChangeTeller((subject, payload) => this.messaging.publish(subject, payload));
    this.tally = new MinuteTally(
      this.pool,
      () => this.clock.offset,
      (error) => this.report('counters could not be written', error),
    );
    this.teller = new Teller({
      pool: this.pool,
      ask: (told) => askJson(this.messaging, 'operationalEvent', told),
      onError: (error) => this.report('what became of a webhook could not be told yet', error),
    });
    this.disabler = new WebhookDisabler({
      pool: this.pool,
      webhooks: this.webhooks,
      tell: (notice) => this.messaging.publish(noticeSubjects.webhookDisabled, JSON.stringify(notice)),
      onTold: () => this.teller.wake(),
      logger,
    });
    this.outcomes = this.createOutcomeBatcher();
    this.moves = new Batcher<DeliveryMove>({
      maxBatch: 500,
      maxAgeMs: 20,
      parallel: 1,
      write: async (batch) => {
        await moveDeliveries(this.pool, batch);
        // Parking changes nothing that anybody sees.
        this.changes.add(batch.filter(({ to }) => to.status !== 'Pending'));
      },
      onError: (error, rows) => this.report(`${rows} deliveries could not be moved; trying again`, error),
    });
    this.pipeline = this.createPipeline();
    this.claimer = this.createClaimer();
    this.replayer = new Replayer({
      pool: this.pool,
      wake: () => this.claimer.wake(),
      onError: (error) => this.report('replays could not be taken further', error),
    });
    this.intake = new Intake({
      room: () => this.room(),
      accept: (task) => {
        failPoint('lane.after-receive');
        measure.taken('lane');
        this.traces?.taken(task);
        this.pipeline.accept(task);
      },
      handBack: (task) => this.pipeline.handBack(task),
      onInvalid: (error) => this.report('a message of the fast lane does not parse', error),
    });
    registerLevels({
      inFlight: () => this.admission.inFlight,
      waiting: () => this.admission.waiting,
      unrecorded: () => this.outcomes.pending,
      overdue: overdueMeter(this.pool, Date.now),
    });
  }

  private createOutcomeBatcher(): Batcher<AttemptOutcome> {
    return new Batcher<AttemptOutcome>({
      maxBatch: 500,
      maxAgeMs: 50,
      parallel: 2,
      keyOf: (outcome) => outcome.deliveryId,
      write: outcomeWriter({
        record: (batch) => recordAttempts(this.pool, batch, failingAfterMs),
        logger: this.logger,
        onRecorded: (batch) => {
          this.changes.add(batch);
          this.traces?.recorded(batch);
          for (const outcome of batch) this.tally.add(outcome);
        },
        onFailing: (webhookId) => this.disabler.disableFailing(webhookId),
        onTold: () => this.teller.wake(),
        onWritten: () => this.intake.look(),
      }),
      onError: (error, rows) => this.report(`${rows} outcomes could not be recorded; trying again`, error),
    });
  }

  private createPipeline(): DeliveryPipeline {
    const http = new HttpClient(this.connections);
    return new DeliveryPipeline({
      webhooks: this.webhooks,
      admission: this.admission,
      signer: new SignBatcher({
        ask: async (request) => {
          const startedMs = performance.now();
          const reply = await this.messaging.request(requestSubjects.sign, request, signTimeoutMs);
          measure.signed(startedMs);
          return reply;
        },
        maxInFlight: 8,
        onError: (error, items) => this.report(`${items} deliveries could not be signed; they wait`, error),
      }),
      endpoints: this.endpoints,
      http,
      messages: new MessageSender({ endpoints: this.endpoints, http, mail: this.mail, version }),
      outcomes: this.outcomes,
      moves: this.moves,
      databaseNow: () => this.clock.nowMs(),
      random: Math.random,
      version,
      onAttempt: (outcome, task, result) => {
        tellAttempt(this.logger, outcome, task, result);
        this.intake.look();
      },
      onExpired: measure.dropped,
      traces: this.traces,
      onGone: (webhook) => this.disabler.disable(webhook, 'gone'),
      onDigest: ({ Id }, deliveries) => {
        // A full one has left some over: they need not wait.
        if (deliveries >= maxTogether) return;
        restAfterDigest(this.pool, Id).catch((error: unknown) =>
          this.report('a digest was not noted', error),
        );
      },
      onTooMany: (webhook, rawHeaders) => this.putOff(webhook, rawHeaders),
      onError: (what, error) => this.report(what, error),
    });
  }

  private createClaimer(): Claimer {
    const stage = new ClaimStage({
      pool: this.pool,
      webhookOf: (webhookId) => this.webhooks.get(webhookId),
      roomOf: (webhookId) => this.admission.room(webhookId),
      room: () => this.room(),
      accept: (task) => {
        failPoint('claim.after-commit');
        measure.taken('claim');
        this.traces?.taken(task);
        this.pipeline.accept(task);
      },
      acceptTogether: (tasks) => {
        failPoint('claim.after-commit');
        for (const task of tasks) {
          measure.taken('claim');
          this.traces?.taken(task);
        }
        this.pipeline.acceptTogether(tasks);
      },
      random: Math.random,
    });
    return new Claimer({
      claim: async () => {
        const startedMs = performance.now();
        failPoint('claim.before-commit');
        const round = await stage.round();
        measure.claimed(startedMs);
        return round;
      },
      hasRoom: () => this.room() > 0,
      onError: (error) => this.report('nothing could be claimed', error),
    });
  }

  /** A chat service wants no message for a while: as long as it says, an hour at most. */
  private putOff({ Id }: WebhookConfiguration, rawHeaders: readonly Buffer[]): void {
    const wishedMs = retryAfterMs(headerMap(rawHeaders)['retry-after'] ?? null, this.clock.nowMs());
    putOffTurn(this.pool, Id, Math.min(wishedMs ?? tooManyMs, maxPutOffMs)).catch((error: unknown) =>
      this.report('a turn could not be put off', error),
    );
  }

  /** How many more deliveries this process takes into memory. */
  private room(): number {
    if (this.outcomes.pending > maxUnrecorded || this.outcomes.isFailing) return 0;
    return this.config.maxHeldInMemory - this.admission.held;
  }

  /** The fast lane's end. */
  get laneReceiver(): LaneReceiver {
    return this.intake;
  }

  get requestDesk(): RequestDesk {
    return {
      pool: this.pool,
      wake: () => {
        this.claimer.wake();
        this.messaging.publish(noticeSubjects.deliveriesDue, '{}');
      },
      sendConfirmation: (organizationId, webhookId, linkBase) =>
        this.sendConfirmation(organizationId, webhookId, linkBase),
      onError: (what, error) => this.report(what, error),
    };
  }

  private async sendConfirmation(organizationId: string, webhookId: string, linkBase: string): Promise<void> {
    const webhook = await this.webhooks.find(organizationId, webhookId);
    if (webhook === null || webhook.Deleted) throw new ProblemError('not_found', 'no such webhook');
    if (this.mail === null) {
      throw new ProblemError('unavailable', 'this installation has no mail server configured (SMTP_URL)');
    }
    const { failure } = await this.mail.sendConfirmation(webhook, linkBase);
    if (failure === null) return;
    const code = failure.isFinal === true ? 'invalid_fields' : 'unavailable';
    throw new ProblemError(code, `the mail could not be sent: ${failure.message}`);
  }

  addReadinessChecks(readiness: Readiness): void {
    readiness.add('database', async () => {
      await this.pool.query('SELECT 1');
      return null;
    });
    readiness.add('nats', () =>
      this.messaging.isConnected ? null : 'NATS is away: deliveries go by claims, unsigned ones wait',
    );
    readiness.add('configuration', () =>
      this.follower.isLoaded ? null : 'the configuration has not been read yet',
    );
    readiness.add('record', () =>
      this.outcomes.isFailing ? 'outcomes can not be recorded: see the log' : null,
    );
  }

  /** Begins to take in work. */
  async begin(): Promise<void> {
    await startClock(this.clock, (what, error) => this.report(what, error));
    await this.follower.start();
    this.messaging.subscribe(noticeSubjects.deliveriesDue, () => this.claimer.wake());
    this.messaging.subscribe(noticeSubjects.dispatcherAlive, ({ data }) => this.peers.hear(data));
    this.peers.start();
    this.claimer.start();
    this.replayer.start();
    this.teller.start();
  }

  /** Takes in no more: what the lane still brings goes back to PostgreSQL, for other dispatchers. */
  closeIntake(): void {
    this.intake.close();
  }

  /** Ends what is under way and records it. */
  async drain(): Promise<void> {
    await Promise.all([this.claimer.stop(), this.replayer.stop(), this.teller.stop()]);
    await this.pipeline.drain(drainMs);
    this.peers.stop();
    this.changes.tell();
    await this.tally.close();
  }

  async close(): Promise<void> {
    this.follower.stop();
    this.clock.stop();
    this.connections.close();
    this.mail?.close();
    await this.traces?.close();
    await this.pool.end();
  }

  private report(what: string, error: unknown): void {
    const level = isDatabaseAway(error) ? 'warn' : 'error';
    this.logger[level]({ error, detail: what }, 'dispatcher.trouble');
  }
}
