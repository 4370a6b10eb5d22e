// What a customer does with the API, in short words for tests.
import { expect } from '@jest/globals';
import type {
  AcceptedEvent,
  Delivery,
  DeliveryWithAttempts,
  Organization,
  Webhook,
  WebhookWithSecret,
} from '@postrider/contracts';
import type { TestSystem } from '@postrider/test-kit';

export class Customer {
  private constructor(
    readonly system: TestSystem,
    readonly organizationId: string,
  ) {}

  static async signUp(system: TestSystem, name = 'Acme'): Promise<Customer> {
    const reply = await system.api('POST', '/v1/organizations', { Name: name });
    expect({ status: reply.status, text: reply.text }).toMatchObject({ status: 201 });
    return new Customer(system, (reply.body as Organization).Id);
  }

  get path(): string {
    return `/v1/organizations/${this.organizationId}`;
  }

  /** A call below the organization; fails unless it is answered with `status`. */
  async call<T>(method: string, path: string, body: unknown, status: number): Promise<T> {
    const reply = await this.system.api(method, this.path + path, body);
    expect({ call: `${method} ${path}`, status: reply.status, text: reply.text }).toMatchObject({ status });
    return reply.body as T;
  }

  addWebhook(url: string, more: Record<string, unknown> = {}): Promise<WebhookWithSecret> {
    return this.call('POST', '/webhooks', { Url: url, Topics: ['*'], ...more }, 201);
  }

  webhook(id: string): Promise<Webhook> {
    return this.call('GET', `/webhooks/${id}`, undefined, 200);
  }

  async publish(event: Record<string, unknown>): Promise<AcceptedEvent> {
    const reply = await this.system.ingest('POST', `${this.path}/events`, event);
    expect({ status: reply.status, text: reply.text }).toMatchObject({ status: 202 });
    return reply.body as AcceptedEvent;
  }

  async publishOverNats(topic: string, event: unknown, eventId?: string): Promise<void> {
    await this.system.publish(this.organizationId, topic, event, eventId);
  }

  async deliveries(query: Record<string, string> = {}): Promise<Delivery[]> {
    const text = new URLSearchParams({ Limit: '100', ...query }).toString();
    const page = await this.call<{ Data: Delivery[] }>('GET', `/deliveries?${text}`, undefined, 200);
    return page.Data;
  }

  delivery(id: string): Promise<DeliveryWithAttempts> {
    return this.call('GET', `/deliveries/${id}`, undefined, 200);
  }

  /** Waits until the one delivery of an event to a webhook is as it should be, and answers it with its attempts. */
  async settled(
    eventId: string,
    isSettled: (delivery: Delivery) => boolean,
    timeoutMs = 20_000,
  ): Promise<DeliveryWithAttempts> {
    const found = await this.system.waitFor(
      `the delivery of event ${eventId}`,
      async () => (await this.deliveries({ EventId: eventId })).find(isSettled),
      { timeoutMs },
    );
    return this.delivery(found.Id);
  }
}

export const hasStatus = (status: Delivery['Status']) => (delivery: Delivery) => delivery.Status === status;
