// The users of `npm start`, as packages/messaging declares them.
import { expect, test } from '@jest/globals';
import { startNats } from '@postrider/test-kit';
import { Messaging } from '../src/connection.js';
import { publisherOf } from '../src/permissions.js';
import { EventPublisher } from '../src/publisher.js';
import { ensureStream } from '../src/streams.js';
import { tryUsers } from './permissions-tests.js';
import { organization, topic } from './support.js';

tryUsers(() => startNats({ users: true }));

test("one organization's publisher reaches no other organization's subjects", async () => {
  const own = await startNats({ users: true, moreUsers: { acme: publisherOf(organization) } });
  const service = await Messaging.open({ natsUrl: own.url, name: 'service', onStatus: () => undefined });
  await ensureStream(service, 'events');
  const publisher = await EventPublisher.connect(own.urlFor('acme'));
  await expect(publisher.publish(organization, topic, '{}', 'evt_1')).resolves.toMatchObject({
    duplicate: false,
  });
  const other = '0192f0c1-7a3b-7c4d-8e5f-0123456789ff';
  await expect(publisher.publish(other, topic, '{}', 'evt_2')).rejects.toThrow(/permission/i);
  await publisher.close();
  await service.close();
  await own.stop();
});
