// Puts the stages together, and starts and stops them in the right order.
import { noticeSubjects } from '@postrider/contracts';
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
import { overdueMeter } from './claim/measure-overdue.js';
import type { DispatcherConfig } from './config.js';
import { Connector } from './deliver/connector.js';
import { EndpointBook } from './deliver/endpoint-book.js';
import { HttpClient } from './deliver/http-client.js';
import { OriginPool } from './deliver/origin-pool.js';
import { DeliveryPipeline } from './delivery.pipeline.js';
import { createHotPool } from './hot-pool.js';
import { MailSender } from './mail-sender.js';
import { MessageSender } from './message-sender.js';
import { Intake } from './receive/intake.js';
import type { LaneReceiver } from './receive/lane.controller.js';
import { Peers } from './peers.js';
import { Recorder } from './record/recorder.js';
import { Replayer } from './replay/replayer.js';
import { sendConfirmation } from './requests/send-confirmation.js';
import { WebhookDisabler } from './requests/webhook-disabler.js';
import type { RequestDesk } from './requests/requests.controller.js';
import { signerOver } from './sign/signer-over-nats.js';
import { startClock } from './start-clock.js';
import { tasksOf, type DeliveryTask } from './task.js';
import { Teller } from './tell/teller.js';
import { measure, registerLevels, tellAttempt } from './telemetry.js';
import { TurnRest } from './turn-rest.js';
import { WebhookCopy } from './webhook-copy.js';

const drainMs = 10_000;

/** Claims fill that part of memory: what is due in PostgreSQL costs nothing there, the rest is for what comes by the lane. */
const claimsFill = 0.5;

export class Dispatcher {
  private readonly pool: Pool;
  private readonly clock: DatabaseClock;
  private readonly webhooks: WebhookCopy;
  private readonly follower: ConfigurationFollower;
  private readonly peers: Peers;
  private readonly admission: Admission;
  private readonly connections: OriginPool;
  private readonly endpoints: EndpointBook;
  private readonly recorder: Recorder;
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
      patienceMs: (held, bytes) =>
        patienceMs(Math.max(held / config.maxHeldInMemory, bytes / config.maxHeldBytes)),
    });
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
    this.recorder = new Recorder({
      pool: this.pool,
      logger,
      clockOffsetMs: () => this.clock.offset,
      publish: (subject, payload) => this.messaging.publish(subject, payload),
      onRecorded: (batch) => this.traces?.recorded(batch),
      onFailing: (webhookId) => this.disabler.disableFailing(webhookId),
      onTold: () => this.teller.wake(),
      onWritten: () => this.intake.look(),
      onError: (what, error) => this.report(what, error),
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
        this.taken('lane', task);
        this.pipeline.accept(task);
      },
      handBack: (task) => this.pipeline.handBack(task),
      onInvalid: (error) => this.report('a message of the fast lane does not parse', error),
    });
    registerLevels({
      inFlight: () => this.admission.inFlight,
      waiting: () => this.admission.waiting,
      unrecorded: () => this.recorder.pending,
      overdue: overdueMeter(this.pool, Date.now),
    });
  }

  private createPipeline(): DeliveryPipeline {
    const http = new HttpClient(this.connections);
    const turns = new TurnRest({
      pool: this.pool,
      databaseNow: () => this.clock.nowMs(),
      onError: (what, error) => this.report(what, error),
    });
    return new DeliveryPipeline({
      webhooks: this.webhooks,
      admission: this.admission,
      signer: signerOver(this.messaging, (what, error) => this.report(what, error)),
      endpoints: this.endpoints,
      http,
      messages: new MessageSender({ endpoints: this.endpoints, http, mail: this.mail, version }),
      outcomes: this.recorder.outcomes,
      moves: this.recorder.moves,
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
      onDigest: (webhook, deliveries) => turns.afterDigest(webhook, deliveries),
      onTooMany: (webhook, rawHeaders) => turns.afterTooMany(webhook, rawHeaders),
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
        this.taken('claim', task);
        this.pipeline.accept(task);
      },
      acceptTogether: (tasks) => {
        failPoint('claim.after-commit');
        for (const task of tasks) this.taken('claim', task);
        this.pipeline.acceptTogether(tasks);
      },
      random: Math.random,
      onClaimed: measure.claimed,
    });
    return new Claimer({
      claim: () => {
        failPoint('claim.before-commit');
        return stage.round();
      },
      hasRoom: () => this.room() > 0,
      onError: (error) => this.report('nothing could be claimed', error),
    });
  }

  private taken(from: 'lane' | 'claim', task: DeliveryTask): void {
    measure.taken(from);
    this.traces?.taken(task);
  }

  /** How many more deliveries a claim may bring into memory. */
  private room(): number {
    if (this.recorder.isFull) return 0;
    if (this.admission.heldBytes >= this.config.maxHeldBytes) return 0;
    return Math.floor(this.config.maxHeldInMemory * claimsFill) - this.admission.held;
  }

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
      sendConfirmation: async (organizationId, webhookId, linkBase) =>
        sendConfirmation(this.mail, await this.webhooks.find(organizationId, webhookId), linkBase),
      onError: (what, error) => this.report(what, error),
    };
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
      this.recorder.isFailing ? 'outcomes can not be recorded: see the log' : null,
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
    await this.recorder.close();
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
