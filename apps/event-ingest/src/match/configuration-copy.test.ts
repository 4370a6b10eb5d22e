import { beforeEach, expect, test } from '@jest/globals';
import type { WebhookConfiguration } from '@postrider/contracts';
import type { IncomingEvent } from '../shared/event.js';
import { ConfigurationCopy } from './configuration-copy.js';

const organizationId = '0192f0c1-7a3b-7c4d-8e5f-0123456789ab';
let copy: ConfigurationCopy;
let invalid: string[];

beforeEach(() => {
  invalid = [];
  copy = new ConfigurationCopy((_what, webhookId) => invalid.push(webhookId));
});

function webhook(version: number, values: Partial<WebhookConfiguration> = {}): void {
  copy.apply({
    kind: 'webhook',
    value: {
      Id: 'w1',
      OrganizationId: organizationId,
      Alias: null,
      Type: 'webhook',
      Url: 'https://example.com',
      Email: null,
      EmailConfirmedAt: null,
      Topics: ['a.b'],
      Filter: null,
      State: 'enabled',
      DisabledReason: null,
      TimeoutSeconds: 15,
      RetrySchedule: null,
      RateLimitPerSecond: null,
      SecretVersion: 1,
      CreatedAt: 0,
      UpdatedAt: 0,
      Deleted: false,
      Version: version,
      ...values,
    },
  });
}

function targets(topic: string, data = '{}'): string[] {
  const event: IncomingEvent = {
    organizationId,
    id: 'e',
    topic,
    createdAt: 0,
    updatedAt: 0,
    timesGiven: 0,
    resource: null,
    actor: null,
    data,
    previousData: null,
  };
  return copy.match(event).map(({ webhookId }) => webhookId);
}

test('of two versions the higher wins, in whatever order they come', () => {
  webhook(5, { Topics: ['new'] });
  webhook(4, { Topics: ['old'] });
  expect(targets('new')).toEqual(['w1']);
  expect(targets('old')).toEqual([]);
  webhook(6, { Topics: ['newer'] });
  expect(targets('new')).toEqual([]);
  expect(targets('newer')).toEqual(['w1']);
});

test('a deleted webhook does not come back by an older version that was late', () => {
  webhook(5);
  webhook(7, { Deleted: true });
  webhook(6);
  expect(targets('a.b')).toEqual([]);
  copy.forgetTombstones(Date.now());
  webhook(6);
  expect(targets('a.b')).toEqual([]);
  webhook(8);
  expect(targets('a.b')).toEqual(['w1']);
});

test('a tombstone is forgotten when nothing older can be on its way any more', () => {
  webhook(5, { Deleted: true });
  copy.forgetTombstones(Date.now() + 3_600_000);
  expect(copy.counts.webhooks).toBe(0);
  webhook(4);
  expect(targets('a.b')).toEqual(['w1']);
});

test('organizations and topics come, go and come back by version', () => {
  const organization = (Version: number, Deleted: boolean) =>
    copy.apply({ kind: 'organization', value: { Id: organizationId, Deleted, Version } });
  const topic = (Version: number, Deleted: boolean) =>
    copy.apply({
      kind: 'topic',
      value: { Name: 'a.b', Schema: null, EnforceSchema: false, Deleted, Version },
    });
  expect(copy.hasOrganization(organizationId)).toBe(false);
  organization(2, false);
  organization(1, true);
  expect(copy.hasOrganization(organizationId)).toBe(true);
  webhook(3);
  organization(4, true);
  expect(copy.hasOrganization(organizationId)).toBe(false);
  expect(targets('a.b')).toEqual([]);
  topic(2, false);
  topic(1, true);
  expect(copy.hasTopic('a.b')).toBe(true);
  topic(3, true);
  expect(copy.hasTopic('a.b')).toBe(false);
  expect(copy.hasTopic('__proto__')).toBe(false);
});

test('a webhook of an organization that is not heard of yet is there when it is', () => {
  webhook(1);
  copy.apply({ kind: 'organization', value: { Id: organizationId, Deleted: false, Version: 2 } });
  expect(targets('a.b')).toEqual(['w1']);
});

test('a filter that does not compile lets nothing through, and is told of once', () => {
  webhook(1, { Filter: [{ Field: 'Nonsense', Operator: 'is', Value: 1 }] });
  expect(targets('a.b')).toEqual([]);
  expect(targets('a.b')).toEqual([]);
  expect(invalid).toEqual(['w1']);
});

test('an empty filter is no filter, and Data is not even looked at', () => {
  webhook(1, { Filter: [] });
  expect(targets('a.b', 'not json at all')).toEqual(['w1']);
});
