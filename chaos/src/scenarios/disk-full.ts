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

/** A run on a disk of its own, which is filled, made room on, and taken away at the end, whatever happens. */
async function onSmallDisk(
  sizeMB: number,
  run: (folder: string, fill: () => Promise<void>, makeRoom: () => void) => Promise<Outcome>,
): Promise<Outcome> {
  const disk = await SmallDisk.make(sizeMB);
  let filling: NodeJS.Timeout | undefined;
  const fill = (): Promise<void> => Promise.resolve(void (filling = fillFor(disk)));
  const makeRoom = (): void => {
    clearInterval(filling);
    disk.empty();
  };
  try {
    return await run(disk.folder, fill, makeRoom);
  } finally {
    clearInterval(filling);
    await disk.remove();
  }
}

export function postgresDiskFull(options: ChaosOptions): Promise<Outcome> {
  return onSmallDisk(postgresDiskMB, (home, fill, makeRoom) =>
    outage(
      options,
      {
        away: fill,
        back: async ({ world: { system } }) => {
          makeRoom();
          // Without room for its log it ends itself; whoever runs it starts it again.
          if (system.postgres?.isAlive === false) {
            options.say('PostgreSQL had ended: starting it');
            await system.postgres.restart();
          }
        },
        unready: ['event-ingest'],
        httpRefuses: true,
      },
      { ownPostgres: { home, settings: { max_wal_size: '64MB', min_wal_size: '32MB' } } },
    ),
  );
}

/** HTTP goes on; over NATS nothing is acknowledged until there is room. */
export function natsDiskFull(options: ChaosOptions): Promise<Outcome> {
  return onSmallDisk(natsDiskMB, (natsHome, fill, makeRoom) =>
    outage(
      options,
      {
        away: fill,
        back: async ({ world: { system } }) => {
          makeRoom();
          // A server that has met a full disk has switched JetStream off until it is started again.
          await system.nats.restart();
        },
        unready: ['event-ingest'],
        httpGoesOn: true,
      },
      { natsHome },
    ),
  );
}
