import { expect, test } from '@jest/globals';
import { createLogger, flushLogger } from './logger.js';

test('a logger can be made and flushed: every service begins with it', async () => {
  const logger = createLogger('test', 'silent');
  logger.info('not heard');
  await expect(flushLogger(logger)).resolves.toBeUndefined();
});
