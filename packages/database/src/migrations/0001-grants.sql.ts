// Who may touch what: the table of docs/architecture.md, in SQL. A test tries each role on what is not its own.
import { roleName } from '../roles.js';

export function grantsSql(rolePrefix: string): string {
  const config = roleName(rolePrefix, 'config_api');
  const ingest = roleName(rolePrefix, 'event_ingest');
  const dispatcher = roleName(rolePrefix, 'dispatcher');
  const signer = roleName(rolePrefix, 'signer');
  return `
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO ${config}, ${ingest}, ${dispatcher}, ${signer};

-- config-api writes the configuration and reads the log.
GRANT SELECT, INSERT, UPDATE, DELETE ON organizations, api_keys, webhooks, topics TO ${config};
GRANT SELECT ON events, event_ids, rejected_events, deliveries, attempts, resends, webhook_health, webhook_minutes TO ${config};
GRANT USAGE ON SEQUENCE config_version TO ${config}, ${dispatcher};
GRANT EXECUTE ON FUNCTION ensure_partitions, drop_expired_partitions, delete_expired_rows TO ${config};

-- event-ingest writes what it accepts.
GRANT SELECT ON organizations, webhooks, topics, api_keys TO ${ingest};
GRANT UPDATE (last_used_at) ON api_keys TO ${ingest};
GRANT SELECT, INSERT, UPDATE ON event_ids TO ${ingest};
GRANT SELECT, INSERT ON events, rejected_events, deliveries TO ${ingest};
GRANT EXECUTE ON FUNCTION ensure_partitions TO ${ingest}, ${dispatcher};

-- dispatcher moves deliveries on and records attempts; of a webhook it may change the state alone.
GRANT SELECT ON organizations, webhooks, topics, events TO ${dispatcher};
GRANT UPDATE (state, disabled_reason, version, updated_at) ON webhooks TO ${dispatcher};
GRANT SELECT, UPDATE ON deliveries TO ${dispatcher};
GRANT SELECT, INSERT ON attempts TO ${dispatcher};
GRANT SELECT, INSERT, UPDATE, DELETE ON resends, webhook_health, webhook_minutes TO ${dispatcher};

-- The signer's tables are readable by the signer only.
GRANT SELECT, INSERT, UPDATE, DELETE ON signing_secrets, webhook_credentials TO ${signer};
`;
}
