import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ProblemError, type ServiceRequest } from '@postrider/contracts';
import { waitFor } from '@postrider/test-kit';
import { organizationId } from '../../test/makers.js';
import { insertWebhook } from '../../test/rows.js';
import { sqlStage } from '../../test/sql-stage.js';
import { disableWebhook } from '../requests/change-deliveries.js';
import { Teller } from './teller.js';

const stage = sqlStage();
let asked: ServiceRequest<'operationalEvent'>[];
let errors: unknown[];
let answer: () => Promise<{ Deliveries: number }>;
let webhookId: string;

const makeTeller = (): Teller =>
  new Teller({
    pool: stage.pool,
    ask: (told) => {
      asked.push(told);
      return answer();
    },
    onError: (error) => errors.push(error),
  });
const left = () => stage.database.query('SELECT id FROM operational_events');

beforeEach(async () => {
  [asked, errors] = [[], []];
  answer = async () => ({ Deliveries: 1 });
  webhookId = await insertWebhook(stage.database);
  await stage.database.query('TRUNCATE operational_events');
  await disableWebhook(stage.pool, organizationId, webhookId, 'failing');
});

test('hands over what was written down, as it was, once', async () => {
  const [row] = await left();
  await Promise.all([makeTeller().round(), makeTeller().round(), makeTeller().round()]);
  expect(asked).toEqual([
    {
      OrganizationId: organizationId,
      WebhookId: webhookId,
      EventId: row?.['id'],
      Topic: 'webhook.disabled',
      CreatedAt: expect.any(Number),
      Reason: 'failing',
      ConsecutiveFailures: 0,
      FailingSince: null,
    },
  ]);
  expect(await left()).toEqual([]);
});

test('event-ingest is away: told later, with the same Id', async () => {
  answer = async () => {
    throw new ProblemError('unavailable', 'away');
  };
  await makeTeller().round();
  expect([asked.length, errors.length, (await left()).length]).toEqual([1, 1, 1]);
  answer = async () => ({ Deliveries: 1 });
  // Its lease has not ended yet.
  await makeTeller().round();
  expect(asked).toHaveLength(1);
  await stage.database.query('UPDATE operational_events SET due_at = 0');
  await makeTeller().round();
  expect(asked[1]).toEqual(asked[0]);
  expect(await left()).toEqual([]);
});

test('of what is deleted there is nobody to tell', async () => {
  answer = async () => {
    throw new ProblemError('not_found', 'no such webhook');
  };
  await makeTeller().round();
  expect([errors.length, (await left()).length]).toEqual([0, 0]);
});

test('awake it tells at once, and stops when it is told to', async () => {
  await stage.database.query('TRUNCATE operational_events');
  const teller = makeTeller();
  teller.start();
  const other = await insertWebhook(stage.database);
  await disableWebhook(stage.pool, organizationId, other, 'gone');
  teller.wake();
  await waitFor('it to be told', () => asked.length === 1);
  await teller.stop();
  teller.wake();
  expect(await left()).toEqual([]);
});

afterEach(async () => {
  await stage.database.query('TRUNCATE operational_events');
});
