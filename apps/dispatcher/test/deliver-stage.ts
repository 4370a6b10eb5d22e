import { afterEach } from '@jest/globals';
import { startRawServer, type OnRequest, type RawServer, type RawServerOptions } from './raw-server.js';
import { makeSender, type Sender, type SenderOptions } from './sender.js';

export interface DeliverStage {
  readonly serve: (onRequest: OnRequest, options?: RawServerOptions) => Promise<RawServer>;
  readonly sender: (options?: SenderOptions) => Sender;
  /** Run after the test, the last one first. */
  readonly cleanUps: (() => Promise<void> | void)[];
}

/** Servers and senders that end with the test that started them. */
export function deliverStage(): DeliverStage {
  const cleanUps: DeliverStage['cleanUps'] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  return {
    cleanUps,
    serve: async (onRequest, options) => {
      const server = await startRawServer(onRequest, options);
      cleanUps.push(() => server.stop());
      return server;
    },
    sender: (options) => {
      const made = makeSender(options);
      cleanUps.push(made.close);
      return made;
    },
  };
}
