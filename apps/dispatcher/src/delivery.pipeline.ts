// The way of a delivery through the dispatcher:
//
//   receive  from the fast lane, or
//   claim    from PostgreSQL what is due
//     └─▶ gate    what its webhook's state says: go, hold, cancel
//          └─▶ admit    begin now, wait a moment, or park
//               └─▶ sign     many at a time, by the signer
//                    └─▶ deliver  one POST, one deadline
//                         └─▶ record   attempt, status, next due_at: in batches
import {
  bodySuffix,
  requestHeaders,
  userAgent as userAgentOf,
  type WebhookConfiguration,
} from '@postrider/contracts';
import { newId } from '@postrider/database';
import { failPoint } from '@postrider/runtime';
import { answerKindOf } from './deliver/answer-kind.policy.js';
import type { DeliveryResult } from './deliver/http-client.js';
import type { PipelineParts } from './pipeline-parts.js';
import type { DeliveryMove } from './record/move-deliveries.js';
import { endedFacts, judgeOutcome, type AttemptFacts } from './record/judge-outcome.js';
import { mayGo, tasksOf, type AdmittedTask, type DeliveryTask } from './task.js';

const givenUpDelayMs = 1_000;
/** Not signed in time: so long until PostgreSQL offers it again. */
const unsignedDelayMs = 2_000;

export class DeliveryPipeline {
  private readonly userAgent: string;
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly parts: PipelineParts) {
    this.userAgent = userAgentOf(parts.version);
  }

  /** Lets a task in, by what is known of its webhook. */
  accept(task: DeliveryTask): void {
    const webhook = this.parts.webhooks.get(task.webhookId);
    if (webhook !== undefined) this.gate(task, webhook);
    else this.track(this.acceptUnknown(task));
  }

  /** A webhook that was made a moment ago, or deleted long since: PostgreSQL knows. */
  private async acceptUnknown(task: DeliveryTask): Promise<void> {
    try {
      const webhook = await this.parts.webhooks.find(task.organizationId, task.webhookId);
      if (webhook === null) this.move(task, { status: 'Cancelled' });
      else this.gate(task, webhook);
    } catch (error) {
      // The lease brings it back.
      this.parts.onError('a webhook could not be looked up', error);
    }
  }

  /** Lets in what has its turn at a webhook that tells people: one message for all of them. */
  acceptTogether(tasks: readonly DeliveryTask[]): void {
    const [task, ...along] = tasks;
    if (task === undefined) return;
    const webhook = this.parts.webhooks.get(task.webhookId);
    if (webhook !== undefined && tasks.every((one) => mayGo(one, webhook))) {
      this.parts.admission.submit({ task, webhook, along });
    } else for (const one of tasks) this.accept(one);
  }

  private gate(task: DeliveryTask, webhook: WebhookConfiguration): void {
    if (webhook.Deleted) this.move(task, { status: 'Cancelled' });
    else if (mayGo(task, webhook)) {
      // Messages to people take turns, which PostgreSQL gives out; only a ping does not wait for one.
      if (webhook.Type !== 'webhook' && task.trigger !== 'ping') return this.handBack(task);
      if (this.isLeaseGood({ task, webhook })) this.parts.admission.submit({ task, webhook });
      else this.giveUp(task);
    } else if (webhook.State === 'paused') this.move(task, { status: 'Held' });
    else this.move(task, { status: 'Cancelled' });
  }

  /** Whether an attempt that begins now would end within its lease; if not, PostgreSQL owns the delivery again. */
  isLeaseGood({ task, webhook }: AdmittedTask): boolean {
    return task.leaseUntil - this.parts.databaseNow() >= webhook.TimeoutSeconds * 1000;
  }

  /** Called by the admission stage when it is this delivery's turn. */
  start(admitted: AdmittedTask): void {
    this.track(this.attempt(admitted));
  }

  park(admitted: AdmittedTask, delayMs: number): void {
    for (const task of tasksOf(admitted)) this.move(task, { status: 'Pending', delayMs });
  }

  /** For another dispatcher to take, at once. */
  handBack(task: DeliveryTask): void {
    this.move(task, { status: 'Pending', delayMs: 0 });
  }

  /**
   * Its lease would end before an attempt does. PostgreSQL is told at once where it still can be: else nobody would claim
   * the delivery before that end. Not due at once, lest a clock that is off make it go round in circles.
   */
  giveUp(task: DeliveryTask): void {
    this.parts.onExpired();
    if (task.leaseUntil > this.parts.databaseNow())
      this.move(task, { status: 'Pending', delayMs: givenUpDelayMs });
  }

  private move(task: DeliveryTask, to: DeliveryMove['to']): void {
    this.parts.moves.add({
      organizationId: task.organizationId,
      deliveryId: task.deliveryId,
      resendId: task.resendId,
      leaseUntil: task.leaseUntil,
      to,
    });
  }

  private async attempt(admitted: AdmittedTask): Promise<void> {
    const { task } = admitted;
    // The webhook may have changed while the delivery waited: the newest URL, secret and state count.
    const webhook = this.parts.webhooks.get(task.webhookId) ?? admitted.webhook;
    if (!tasksOf(admitted).every((one) => mayGo(one, webhook))) {
      this.parts.admission.withdraw(admitted);
      for (const one of tasksOf(admitted)) this.gate(one, webhook);
      return;
    }
    if (webhook.Type !== 'webhook') {
      await this.tellPeople(admitted, webhook);
      return;
    }
    const facts = this.newFacts(task, webhook);
    const { attemptId } = facts.ids;
    const { traces } = this.parts;
    traces?.begin(attemptId, task, webhook);
    const endpoint = this.parts.endpoints.of(webhook);
    if (endpoint.kind === 'blocked') {
      this.parts.admission.withdraw(admitted);
      await this.conclude(
        endedFacts(facts, { signature: null, result: null, failure: endpoint.failure }),
        webhook,
        null,
      );
      return;
    }
    const prefix = task.event.bodyPrefix;
    const suffix = bodySuffix(facts.ids);
    const signature = await this.parts.signer.sign({
      organizationId: task.organizationId,
      webhookId: task.webhookId,
      secretVersion: webhook.SecretVersion,
      messageId: task.event.id,
      timestamp: facts.timestamp,
      prefix,
      suffix,
    });
    traces?.signed(attemptId);
    if ('Error' in signature) {
      traces?.abandoned(attemptId);
      // No signer, or no secret yet: the delivery waits, and no attempt is counted.
      this.parts.admission.withdraw(admitted);
      this.park(admitted, Math.round(unsignedDelayMs * (0.5 + this.parts.random())));
      return;
    }
    if (!this.isLeaseGood(admitted)) {
      // The signature took too long: another dispatcher may claim the delivery before this attempt would end.
      traces?.abandoned(attemptId);
      this.parts.admission.expire(admitted);
      return;
    }
    failPoint('deliver.before-request');
    const headers = requestHeaders({
      ids: facts.ids,
      userAgent: this.userAgent,
      authorization: signature.Authorization,
      hubSignature: signature.HubSignature,
      standardSignature: signature.StandardSignature,
      timestamp: facts.timestamp,
      attemptNumber: task.attemptNumber,
      trigger: task.trigger,
    });
    if (traces) headers.push(...traces.headersFor(attemptId));
    const result = await this.parts.http.send({
      origin: endpoint.origin,
      path: endpoint.path,
      headers,
      body: Buffer.concat([prefix, Buffer.from(suffix)]),
      timeoutSeconds: webhook.TimeoutSeconds,
    });
    failPoint('deliver.after-answer');
    this.parts.admission.finish(admitted, answerKindOf(result));
    await this.conclude(endedFacts(facts, { signature, result, failure: result.failure }), webhook, result);
  }

  /** Slack, Teams and mail: a message instead of the event, unsigned; the rest is as for any attempt. */
  private async tellPeople(admitted: AdmittedTask, webhook: WebhookConfiguration): Promise<void> {
    const startedAt = this.parts.databaseNow();
    const tasks = tasksOf(admitted);
    failPoint('deliver.before-request');
    const { result, request, failure } = await this.parts.messages
      .send(webhook, tasks)
      .catch((error: unknown) => {
        // The lease brings them back; the place is free meanwhile.
        this.parts.admission.withdraw(admitted);
        throw error;
      });
    failPoint('deliver.after-answer');
    if (result === null) this.parts.admission.withdraw(admitted);
    else this.parts.admission.finish(admitted, answerKindOf(result));
    if (result?.response?.statusCode === 429) this.parts.onTooMany(webhook, result.response.rawHeaders);
    if (failure === null && tasks.length > 1) this.parts.onDigest(webhook, tasks.length);
    // What went together is tried again together.
    const random = this.parts.random();
    for (const task of tasks) {
      const facts = {
        ...this.newFacts(task, webhook, startedAt),
        url: request.Url,
        request,
        result,
        failure,
        isAlong: task !== admitted.task,
      };
      this.parts.traces?.begin(facts.ids.attemptId, task, webhook, startedAt);
      await this.conclude(facts, webhook, result, random);
    }
  }

  private newFacts(
    task: DeliveryTask,
    webhook: WebhookConfiguration,
    // What is signed and recorded bears the database's time: a node whose clock is off signs as the others do.
    now = this.parts.databaseNow(),
  ): AttemptFacts {
    return {
      task,
      ids: {
        webhookId: task.webhookId,
        deliveryId: task.deliveryId,
        attemptId: newId(now),
        eventId: task.event.id,
        topic: task.event.topic,
      },
      url: webhook.Url ?? '',
      userAgent: this.userAgent,
      startedAt: now,
      timestamp: Math.floor(now / 1000),
      signature: null,
      result: null,
      failure: null,
      request: null,
      isAlong: false,
    };
  }

  private async conclude(
    facts: AttemptFacts,
    webhook: WebhookConfiguration,
    result: DeliveryResult | null,
    random = this.parts.random(),
  ): Promise<void> {
    // The newest state: a webhook that was paused meanwhile holds what would be retried.
    const newest = this.parts.webhooks.get(webhook.Id) ?? webhook;
    const { outcome, isGone } = judgeOutcome(facts, newest, this.parts.databaseNow(), random);
    // First the webhook, then the delivery: a crash in between repeats the attempt, and the receiver says 410 again.
    if (isGone && !facts.isAlong) await this.disable(newest);
    this.parts.traces?.concluded(outcome);
    this.parts.outcomes.add(outcome);
    this.parts.onAttempt(outcome, facts.task, result);
  }

  private async disable(webhook: WebhookConfiguration): Promise<void> {
    try {
      await this.parts.onGone(webhook);
    } catch (error) {
      this.parts.onError('a webhook that is gone could not be disabled', error);
    }
  }

  private track(promise: Promise<void>): void {
    this.underWay.add(promise);
    const ended = () => this.underWay.delete(promise);
    promise.then(ended, (error: unknown) => {
      ended();
      this.parts.onError('an attempt failed in the dispatcher itself', error);
    });
  }

  /** Lets no more begin, hands back what waits, and gives what is under way `limitMs` to end and be recorded. */
  async drain(limitMs: number): Promise<void> {
    for (const admitted of this.parts.admission.close()) this.park(admitted, 0);
    const done = (async () => {
      // An attempt that ends may have others looked up or moved.
      while (this.underWay.size > 0) await Promise.allSettled([...this.underWay]);
      await Promise.all([this.parts.outcomes.drained(), this.parts.moves.drained()]);
    })();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([done, limit]);
    clearTimeout(timer);
  }
}
