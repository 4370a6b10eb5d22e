import { Initial1700000000001 } from './0001-initial.js';
import { Replays1700000000002 } from './0002-replays.js';
import { OperationalEvents1700000000003 } from './0003-operational-events.js';
import { Sessions1700000000004 } from './0004-sessions.js';
import { DeprecatedTopics1700000000005 } from './0005-deprecated-topics.js';
import { SentRequests1700000000006 } from './0006-sent-requests.js';
import { ConfirmedMail1700000000007 } from './0007-confirmed-mail.js';

/** In the order in which they run. A landed migration is never edited: add the next. */
export const migrations = [
  Initial1700000000001,
  Replays1700000000002,
  OperationalEvents1700000000003,
  Sessions1700000000004,
  DeprecatedTopics1700000000005,
  SentRequests1700000000006,
  ConfirmedMail1700000000007,
] as const;
