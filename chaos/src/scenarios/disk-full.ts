// The disk of PostgreSQL, or of NATS, is full: nothing is acknowledged that is not kept, and when there is room again all
// goes on.
import type { ChaosOptions, Outcome } from '../scenario.js';
import { SmallDisk } from '../small-disk.js';
import { outage } from './outages.js';

const postgresDiskMB = 400;
const natsDiskMB = 64;
const refillMs = 250;

/** Keeps it full: whoever removes a file meanwhile makes no room. */
function fillFor(disk: SmallDisk): NodeJS.Timeout {
  disk.fill();
  return setInterval(() => disk.fill(), refillMs);
}

export async function postgresDiskFull(options: ChaosOptions): Promise<Outcome> {
  const disk = await SmallDisk.make(postgresDiskMB);
  let filling: NodeJS.Timeout | undefined;
  try {
    return await outage(
      options,
      {
        away: () => Promise.resolve(void (filling = fillFor(disk))),
        back: async ({ world: { system } }) => {
          clearInterval(filling);
          disk.empty();
          // Without room for its log it ends itself; whoever runs it starts it again.
          if (system.postgres?.isAlive === false) {
            options.say('PostgreSQL had ended: starting it');
            await system.postgres.restart();
          }
        },
        httpRefuses: true,
      },
      { ownPostgres: { home: disk.folder, settings: { max_wal_size: '64MB', min_wal_size: '32MB' } } },
    );
  } finally {
    clearInterval(filling);
    await disk.remove();
  }
}

/** HTTP goes on; over NATS nothing is acknowledged until there is room. */
export async function natsDiskFull(options: ChaosOptions): Promise<Outcome> {
  const disk = await SmallDisk.make(natsDiskMB);
  let filling: NodeJS.Timeout | undefined;
  try {
    return await outage(
      options,
      {
        away: () => Promise.resolve(void (filling = fillFor(disk))),
        back: async ({ world: { system } }) => {
          clearInterval(filling);
          disk.empty();
          // A server that has met a full disk has switched JetStream off until it is started again.
          await system.nats.restart();
        },
        httpGoesOn: true,
      },
      { natsHome: disk.folder },
    );
  } finally {
    clearInterval(filling);
    await disk.remove();
  }
}
