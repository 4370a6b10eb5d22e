// An attempt as it was sent and answered: the request is built anew from what the dispatcher built it from.
import {
  bodyPrefix,
  bodySuffix,
  requestHeaders,
  type Attempt,
  type AttemptIds,
  type SentRequest,
} from '@postrider/contracts';
import { textOrBase64 } from '../http/text-or-base64.js';
import type { DeliveryRow } from './delivery-row.js';
import type { AttemptRow } from './find-delivery.js';

const masked = '***';

/** `eventText` null: the event is gone, and with it the body. */
export function toAttemptResponse(
  attempt: AttemptRow,
  delivery: DeliveryRow,
  eventText: string | null,
): Attempt {
  const ids: AttemptIds = {
    webhookId: delivery.webhook_id,
    deliveryId: delivery.id,
    attemptId: attempt.id,
    eventId: delivery.event_id,
    topic: delivery.topic,
  };
  const body =
    eventText === null ? '' : bodyPrefix(Buffer.from(eventText)).toString('utf8') + bodySuffix(ids);
  return {
    Id: attempt.id,
    Number: attempt.number,
    Trigger: attempt.trigger,
    StartedAt: attempt.started_at,
    DurationMs: attempt.duration_ms,
    StatusCode: attempt.status_code,
    Error:
      attempt.error_code === null ? null : { Code: attempt.error_code, Message: attempt.error_message ?? '' },
    Request:
      attempt.request === null
        ? { Url: attempt.url, Headers: rebuildHeaders(attempt, ids, body), Body: body }
        : (JSON.parse(attempt.request) as SentRequest),
    Response: toResponse(attempt),
  };
}

function rebuildHeaders(attempt: AttemptRow, ids: AttemptIds, body: string): Record<string, string> {
  const list = requestHeaders({
    ids,
    userAgent: attempt.user_agent,
    authorization: attempt.has_authorization ? masked : null,
    hubSignature: attempt.hub_signature ?? '',
    standardSignature: attempt.standard_signature ?? '',
    timestamp: Math.floor(attempt.started_at / 1_000),
    attemptNumber: attempt.number,
    trigger: attempt.trigger,
  });
  const headers: Record<string, string> = { Host: new URL(attempt.url).host, Connection: 'keep-alive' };
  for (let index = 0; index < list.length; index += 2) {
    const name = list[index];
    const value = list[index + 1];
    // Without signatures: it was ended before it was signed.
    if (name !== undefined && value !== undefined && value !== '') headers[name] = value;
  }
  headers['Content-Length'] = String(Buffer.byteLength(body));
  return headers;
}

function toResponse(attempt: AttemptRow): Attempt['Response'] {
  if (attempt.response_headers === null) return null;
  const truncated = attempt.response_truncated ?? false;
  const { text, encoding } = textOrBase64(attempt.response_body ?? Buffer.alloc(0), truncated);
  return {
    Headers: JSON.parse(attempt.response_headers) as Record<string, string>,
    Body: text,
    Encoding: encoding,
    Truncated: truncated,
  };
}
