import { expect, test } from '@jest/globals';
import { readSubject } from './subject.policy.js';

const id = '0192f0c1-7a3b-7c4d-8e5f-0123456789ab';

test.each([
  [`postrider.events.v1.${id}.job.execution.failed`, { organizationId: id, topic: 'job.execution.failed' }],
  [`postrider.events.v1.${id.toUpperCase()}.a`, { organizationId: id, topic: 'a' }],
  [`postrider.events.v1.${id}`, { organizationId: id, topic: null }],
  ['postrider.events.v1.acme.job.execution.failed', { organizationId: null, topic: 'job.execution.failed' }],
  [`postrider.events.v1.x${id}.a`, { organizationId: null, topic: 'a' }],
])('%s', (subject, expected) => {
  expect(readSubject(subject)).toEqual(expected);
});
