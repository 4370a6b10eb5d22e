import { expect, test } from '@jest/globals';
import { noticeSubjects } from '@postrider/contracts';
import { tellChanged } from './changed-deliveries.js';

test('a batch is one message per organization, with ids alone', () => {
  const published: [string, unknown][] = [];
  const changed = [
    { organizationId: 'a', deliveryId: '1', secret: 'x' },
    { organizationId: 'b', deliveryId: '2' },
    { organizationId: 'a', deliveryId: '3' },
  ];
  tellChanged((subject, payload) => published.push([subject, JSON.parse(payload)]), changed);
  expect(published).toEqual([
    [`${noticeSubjects.deliveriesChanged}.a`, { DeliveryIds: ['1', '3'] }],
    [`${noticeSubjects.deliveriesChanged}.b`, { DeliveryIds: ['2'] }],
  ]);
});

test('an empty batch is no message', () => {
  tellChanged(() => {
    throw new Error('there is nothing to tell');
  }, []);
});
