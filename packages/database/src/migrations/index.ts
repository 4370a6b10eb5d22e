import { Initial1700000000001 } from './0001-initial.js';
import { Replays1700000000002 } from './0002-replays.js';
import { OperationalEvents1700000000003 } from './0003-operational-events.js';
import { Sessions1700000000004 } from './0004-sessions.js';
import { AuditAndRowSecurity1700000000005 } from './0005-audit-and-row-security.js';
import { DeprecatedTopics1700000000006 } from './0006-deprecated-topics.js';
import { SentRequests1700000000007 } from './0007-sent-requests.js';
import { ConfirmedMail1700000000008 } from './0008-confirmed-mail.js';
import { ResumedWebhooks1700000000009 } from './0009-resumed-webhooks.js';
import { MessageTurns1700000000010 } from './0010-message-turns.js';
import { ReceiptLags1700000000011 } from './0011-receipt-lags.js';

/** In the order in which they run. A landed migration is never edited: add the next. */
export const migrations = [
  Initial1700000000001,
  Replays1700000000002,
  OperationalEvents1700000000003,
  Sessions1700000000004,
  AuditAndRowSecurity1700000000005,
  DeprecatedTopics1700000000006,
  SentRequests1700000000007,
  ConfirmedMail1700000000008,
  ResumedWebhooks1700000000009,
  MessageTurns1700000000010,
  ReceiptLags1700000000011,
] as const;
