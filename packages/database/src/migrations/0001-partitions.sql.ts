// Partitions by day, by range of the UUIDv7 key (its first 48 bits are epoch milliseconds, RFC 9562 section 5.7).
// The functions run with their owner's rights, so that services may call them and yet own no table.
export const partitionFunctionsSql = `
CREATE FUNCTION uuid_v7_floor(ms bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT (lpad(to_hex(ms), 12, '0') || '00000000000000000000')::uuid $$;

CREATE FUNCTION uuid_v7_ms(id uuid) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT ('x0000' || substr(replace(id::text, '-', ''), 1, 12))::bit(64)::bigint $$;

-- Makes the daily partitions from days_back before today to days_ahead after it; answers how many were missing.
CREATE FUNCTION ensure_partitions(days_back integer, days_ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  day_ms CONSTANT bigint := 86400000;
  today bigint := now_ms() / day_ms;
  made integer := 0;
  parent text;
  child text;
  options text;
BEGIN
  PERFORM pg_advisory_xact_lock(7265737401);
  FOR day IN (today - days_back) .. (today + days_ahead) LOOP
    FOREACH parent IN ARRAY ARRAY['events', 'deliveries', 'attempts'] LOOP
      child := parent || '_' || to_char(to_timestamp(day * day_ms / 1000) AT TIME ZONE 'UTC', 'YYYYMMDD');
      CONTINUE WHEN to_regclass('public.' || child) IS NOT NULL;
      -- Room for the one update that most deliveries get.
      options := CASE parent WHEN 'deliveries' THEN
        ' WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 5000)' ELSE '' END;
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)%s',
        child, parent, uuid_v7_floor(day * day_ms), uuid_v7_floor((day + 1) * day_ms), options);
      made := made + 1;
    END LOOP;
  END LOOP;
  RETURN made;
END $$;

-- Drops the days that lie wholly before now - retention_days; a day with Pending or Held deliveries stays, and with it
-- the events of that day, which they need. Answers the names of the dropped partitions.
CREATE FUNCTION drop_expired_partitions(retention_days integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  day_ms CONSTANT bigint := 86400000;
  last_day bigint := now_ms() / day_ms - retention_days;
  suffix text;
  day bigint;
  busy boolean;
  parent text;
BEGIN
  PERFORM pg_advisory_xact_lock(7265737401);
  FOR suffix IN
    SELECT DISTINCT right(c.relname, 8) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent IN ('events'::regclass, 'deliveries'::regclass, 'attempts'::regclass) ORDER BY 1
  LOOP
    day := extract(epoch FROM to_timestamp(suffix || ' UTC', 'YYYYMMDD TZ'))::bigint * 1000 / day_ms;
    CONTINUE WHEN day >= last_day;
    busy := false;
    IF to_regclass('public.deliveries_' || suffix) IS NOT NULL THEN
      EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE status = ''Pending'') OR EXISTS (SELECT 1 FROM %I WHERE status = ''Held'')',
        'deliveries_' || suffix, 'deliveries_' || suffix) INTO busy;
    END IF;
    CONTINUE WHEN busy;
    FOREACH parent IN ARRAY ARRAY['attempts', 'deliveries', 'events'] LOOP
      IF to_regclass('public.' || parent || '_' || suffix) IS NOT NULL THEN
        EXECUTE format('DROP TABLE %I', parent || '_' || suffix);
        RETURN NEXT parent || '_' || suffix;
      END IF;
    END LOOP;
  END LOOP;
END $$;

-- Old rows of the tables that are no partitions, and what deleted organizations left; answers how many rows went.
CREATE FUNCTION delete_expired_rows(retention_days integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  horizon bigint := now_ms() - retention_days * 86400000::bigint;
  total bigint := 0;
  n bigint;
  gone uuid;
BEGIN
  DELETE FROM event_ids WHERE accepted_at < least(horizon, now_ms() - 259200000);
  GET DIAGNOSTICS n = ROW_COUNT; total := total + n;
  DELETE FROM rejected_events WHERE id < uuid_v7_floor(horizon);
  GET DIAGNOSTICS n = ROW_COUNT; total := total + n;
  DELETE FROM webhook_minutes WHERE minute < horizon;
  GET DIAGNOSTICS n = ROW_COUNT; total := total + n;
  DELETE FROM webhooks w WHERE deleted_at < horizon AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.webhook_id = w.id);
  GET DIAGNOSTICS n = ROW_COUNT; total := total + n;
  FOR gone IN SELECT id FROM organizations WHERE deleted_at < now_ms() - 60000 LOOP
    total := total + purge_organization(gone);
  END LOOP;
  -- The tombstone stays a day longer, so that a service that was away learns of it.
  DELETE FROM organizations WHERE deleted_at < now_ms() - 86400000;
  RETURN total;
END $$;

-- "A deleted organization takes everything along".
CREATE FUNCTION purge_organization(gone uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  total bigint := 0;
  n bigint;
  statement text;
BEGIN
  IF EXISTS (SELECT 1 FROM organizations WHERE id = gone AND deleted_at IS NULL) THEN
    RAISE EXCEPTION 'organization % is not deleted', gone;
  END IF;
  FOREACH statement IN ARRAY ARRAY[
    'DELETE FROM attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE organization_id = $1)',
    'DELETE FROM resends WHERE organization_id = $1', 'DELETE FROM deliveries WHERE organization_id = $1',
    'DELETE FROM events WHERE organization_id = $1', 'DELETE FROM event_ids WHERE organization_id = $1',
    'DELETE FROM rejected_events WHERE organization_id = $1', 'DELETE FROM webhook_minutes WHERE organization_id = $1',
    'DELETE FROM webhook_health WHERE organization_id = $1', 'DELETE FROM signing_secrets WHERE organization_id = $1',
    'DELETE FROM webhook_credentials WHERE organization_id = $1', 'DELETE FROM api_keys WHERE organization_id = $1',
    'DELETE FROM webhooks WHERE organization_id = $1 AND deleted_at IS NOT NULL AND deleted_at < now_ms() - 86400000'
  ] LOOP
    EXECUTE statement USING gone;
    GET DIAGNOSTICS n = ROW_COUNT; total := total + n;
  END LOOP;
  RETURN total;
END $$;
REVOKE ALL ON FUNCTION ensure_partitions, drop_expired_partitions, delete_expired_rows, purge_organization FROM PUBLIC;
`;
