// Times are bigint epoch milliseconds by the database's clock; ids are UUIDv7 made by the services.
export const initialSchemaSql = `
CREATE FUNCTION now_ms() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE
  AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

-- Every change of configuration takes the next number: whoever holds a copy keeps the highest it has seen.
CREATE SEQUENCE config_version;

-- ── configuration (config-api) ────────────────────────────────────────────────────────────────────────────────
CREATE TABLE organizations (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  deleted_at bigint,              -- kept as a tombstone until its data are purged
  version bigint NOT NULL DEFAULT nextval('config_version')
);
CREATE INDEX organizations_updated_at ON organizations (updated_at);

CREATE TABLE api_keys (
  id uuid NOT NULL,
  organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
  name text NOT NULL,
  scopes text[] NOT NULL,
  prefix text NOT NULL,
  hash bytea NOT NULL UNIQUE,     -- SHA-256 of the key: the key itself is never stored
  created_at bigint NOT NULL,
  expires_at bigint,
  last_used_at bigint,
  PRIMARY KEY (organization_id, id)
);

CREATE TABLE webhooks (
  id uuid NOT NULL UNIQUE,
  organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
  alias text,
  type text NOT NULL,
  url text,
  email text,
  has_authorization boolean NOT NULL DEFAULT false,
  topics text[] NOT NULL,
  filter json,
  state text NOT NULL DEFAULT 'enabled' CHECK (state IN ('enabled', 'paused', 'disabled')),
  disabled_reason text CHECK (disabled_reason IN ('gone', 'failing')),
  timeout_seconds integer NOT NULL,
  retry_schedule integer[],
  rate_limit_per_second integer,
  secret_version integer NOT NULL,
  secret_created_at bigint,
  previous_secret_expires_at bigint,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  deleted_at bigint,              -- the log of a deleted webhook stays readable
  version bigint NOT NULL DEFAULT nextval('config_version'),
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX webhooks_updated_at ON webhooks (updated_at);

CREATE TABLE topics (
  name text PRIMARY KEY,
  title text,
  description text,
  example json,
  schema json,
  enforce_schema boolean NOT NULL DEFAULT false,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  deleted_at bigint,
  version bigint NOT NULL DEFAULT nextval('config_version')
);
CREATE INDEX topics_updated_at ON topics (updated_at);

-- ── secrets (signer alone) ────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE signing_secrets (
  webhook_id uuid NOT NULL,
  version integer NOT NULL,
  organization_id uuid NOT NULL,
  sealed bytea NOT NULL,
  key_id text NOT NULL,           -- which master key wraps it: for rewrapping
  created_at bigint NOT NULL,
  expires_at bigint,              -- set at rotation: the end of the grace period
  PRIMARY KEY (webhook_id, version)
);

CREATE TABLE webhook_credentials (
  webhook_id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  version integer NOT NULL,
  sealed bytea NOT NULL,
  key_id text NOT NULL,
  updated_at bigint NOT NULL
);

-- ── events (event-ingest) ─────────────────────────────────────────────────────────────────────────────────────
-- One row per public event Id of an organization: what makes a second publish a duplicate.
CREATE TABLE event_ids (
  organization_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  uid uuid NOT NULL,
  deliveries integer NOT NULL,
  accepted_at bigint NOT NULL,
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX event_ids_accepted_at ON event_ids USING brin (accepted_at);

-- 'text' is the event's JSON as it goes out, Data byte for byte as published; stored once, never compressed
-- (pglz costs more CPU than the disk it saves).
CREATE TABLE events (
  uid uuid NOT NULL,
  organization_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  topic text COLLATE "C" NOT NULL,
  source text NOT NULL,
  times_given smallint NOT NULL,  -- bit 1: CreatedAt was the publisher's, bit 2: UpdatedAt was
  deliveries integer NOT NULL,
  text text STORAGE EXTERNAL NOT NULL,
  PRIMARY KEY (organization_id, uid)
) PARTITION BY RANGE (uid);

CREATE TABLE rejected_events (
  id uuid PRIMARY KEY,
  organization_id uuid,           -- null: it names no organization that we know
  subject text NOT NULL,
  topic text,
  event_id text,
  code text NOT NULL,
  reason text NOT NULL,
  errors json NOT NULL,
  payload bytea STORAGE EXTERNAL NOT NULL,
  payload_truncated boolean NOT NULL
);
CREATE INDEX rejected_events_log ON rejected_events (organization_id, id);

-- ── deliveries (inserted by event-ingest, updated by dispatcher) ──────────────────────────────────────────────
-- due_at: when the next attempt may be claimed; while one is under way, the end of its lease (and its token).
-- The id is made in the same millisecond as its event's uid, so that the deliveries of an event are a narrow id range.
CREATE TABLE deliveries (
  id uuid NOT NULL,
  organization_id uuid NOT NULL,
  webhook_id uuid NOT NULL,
  event_uid uuid NOT NULL,
  due_at bigint,
  updated_at bigint NOT NULL,
  duration_ms integer,
  attempts_count smallint NOT NULL DEFAULT 0,
  scheduled_attempts smallint NOT NULL DEFAULT 0,  -- without resends: the position in the retry schedule
  last_status_code smallint,
  status text COLLATE "C" NOT NULL,
  trigger text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  topic text COLLATE "C" NOT NULL,
  last_error_code text COLLATE "C",
  last_error_message text,
  PRIMARY KEY (organization_id, id)
) PARTITION BY RANGE (id);
-- The claimer's: what is due, by webhook.
CREATE INDEX deliveries_due ON deliveries (webhook_id, due_at) WHERE status = 'Pending';
-- The log page of one webhook, newest first.
CREATE INDEX deliveries_log ON deliveries (webhook_id, id);
-- What a pause holds.
CREATE INDEX deliveries_held ON deliveries (webhook_id) WHERE status = 'Held';

-- One row per resend that was asked for and not yet made.
CREATE TABLE resends (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  webhook_id uuid NOT NULL,
  delivery_id uuid NOT NULL,
  due_at bigint NOT NULL,
  created_at bigint NOT NULL
);
CREATE INDEX resends_due ON resends (webhook_id, due_at);

-- ── attempts (dispatcher) ─────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE attempts (
  id uuid NOT NULL,
  delivery_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  started_at bigint NOT NULL,
  duration_ms integer NOT NULL,
  number smallint NOT NULL,
  status_code smallint,
  response_truncated boolean,
  has_authorization boolean NOT NULL,
  trigger text COLLATE "C" NOT NULL,
  error_code text COLLATE "C",
  error_message text,
  url text NOT NULL,
  user_agent text NOT NULL,
  hub_signature text COLLATE "C",       -- null: never signed (blocked before)
  standard_signature text COLLATE "C",
  response_headers text,                -- JSON object
  response_body bytea STORAGE EXTERNAL,
  PRIMARY KEY (delivery_id, id)
) PARTITION BY RANGE (id);

-- Merged once per flush of the dispatcher, not per attempt.
CREATE TABLE webhook_health (
  webhook_id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  last_succeeded_at bigint,
  last_failed_at bigint,
  failing_since bigint,
  consecutive_failures integer NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- Counters and a histogram of durations per webhook and minute (contracts: durationBucketsMs).
CREATE TABLE webhook_minutes (
  webhook_id uuid NOT NULL,
  minute bigint NOT NULL,               -- epoch ms of its start
  organization_id uuid NOT NULL,
  succeeded integer NOT NULL,
  failed integer NOT NULL,
  durations integer[] NOT NULL,
  PRIMARY KEY (webhook_id, minute)
) WITH (fillfactor = 50);
CREATE INDEX webhook_minutes_organization ON webhook_minutes (organization_id, minute);

CREATE FUNCTION add_counts(a integer[], b integer[]) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT array_agg(coalesce(x, 0) + coalesce(y, 0) ORDER BY n)
        FROM unnest(a, b) WITH ORDINALITY AS u(x, y, n) $$;

INSERT INTO topics (name, title, description, example, created_at, updated_at) VALUES
  ('job.execution.started', 'Job started', 'An execution of a job has started.',
   '{"JobId":"01J8Z6W3","State":"Started","Target":{"Type":"Command","Command":"npm run nightly"}}', now_ms(), now_ms()),
  ('job.execution.succeeded', 'Job succeeded', 'An execution of a job has ended well.',
   '{"JobId":"01J8Z6W3","State":"Succeeded","ExitCode":0,"Target":{"Type":"Command","Command":"npm run nightly"}}', now_ms(), now_ms()),
  ('job.execution.failed', 'Job failed', 'An execution of a job has failed.',
   '{"JobId":"01J8Z6W3","State":"Failed","ExitCode":1,"Target":{"Type":"Command","Command":"npm run nightly"}}', now_ms(), now_ms()),
  ('webhook.ping', 'Ping', 'Sent when somebody pings a webhook, whatever its topics, filter and state.', NULL, now_ms(), now_ms());
`;
