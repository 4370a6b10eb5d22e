// All there are, by name.
import type { Scenario } from './scenario.js';
import { herdAfterOutage, millionPending } from './scenarios/backlog.js';
import { brief } from './scenarios/brief.js';
import { natsDiskFull, postgresDiskFull } from './scenarios/disk-full.js';
import { eachFailPoint } from './scenarios/fail-points.js';
import { floodingNeighbour, hangingNeighbours } from './scenarios/isolation.js';
import { kills } from './scenarios/kills.js';
import { misbehavingReceivers } from './scenarios/misbehaving.js';
import {
  natsKilled,
  natsStopped,
  natsWiped,
  postgresAway,
  postgresRestarted,
  postgresSlow,
  signerAway,
} from './scenarios/outages.js';
import { clocksOff, everyEventThrice } from './scenarios/repeats.js';
import { rolling } from './scenarios/rolling.js';
import { startKilled } from './scenarios/start-killed.js';

export const scenarios = {
  brief,
  kills,
  'fail-points': eachFailPoint,
  'start-killed': startKilled,
  'nats-stopped': natsStopped,
  'nats-killed': natsKilled,
  'nats-wiped': natsWiped,
  'postgres-restarted': postgresRestarted,
  'postgres-away': postgresAway,
  'postgres-slow': postgresSlow,
  'signer-away': signerAway,
  'postgres-disk-full': postgresDiskFull,
  'nats-disk-full': natsDiskFull,
  rolling,
  'clocks-off': clocksOff,
  'every-event-thrice': everyEventThrice,
  'misbehaving-receivers': misbehavingReceivers,
  'hanging-neighbours': hangingNeighbours,
  'flooding-neighbour': floodingNeighbour,
  'million-pending': millionPending,
  'herd-after-outage': herdAfterOutage,
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;
