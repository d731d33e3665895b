-- Roles, row level security, grants and checks: what Prisma's schema has no words for.
-- Needs no superuser: an owner that may create roles is enough, or roles that an administrator made beforehand.

-- Roles belong to the whole cluster, so another database may have made them already, or be making them now.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['harta_app', 'harta_system'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', name);
      EXCEPTION
        WHEN duplicate_object OR unique_violation THEN NULL;
        WHEN insufficient_privilege THEN
          RAISE EXCEPTION 'role % is missing and % may not create it; ask an administrator for: CREATE ROLE % NOLOGIN; GRANT % TO %',
            name, current_user, name, name, current_user USING ERRCODE = 'insufficient_privilege';
      END;
    END IF;
    -- A superuser may take on any role; since PostgreSQL 16 the maker of a role must still grant it to itself.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
      BEGIN
        EXECUTE format('GRANT %I TO %I', name, current_user);
      EXCEPTION
        WHEN insufficient_privilege THEN
          IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
            RAISE EXCEPTION '% may not take on role %; ask an administrator for: GRANT % TO %',
              current_user, name, name, current_user USING ERRCODE = 'insufficient_privilege';
          END IF;
      END;
    END IF;
  END LOOP;
END
$$;

GRANT USAGE ON SCHEMA "public" TO harta_app, harta_system;

-- A user's rows: harta_app sees and writes those of app.user_id alone, nobody's when that is not set.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'sessions', 'refresh_tokens', 'assets', 'activities', 'asset_prices', 'categories', 'incomes', 'expenses',
    'budgets', 'recurring_rules', 'recurring_occurrences', 'goals', 'goal_assets', 'goal_contributions',
    'goal_milestones', 'alerts', 'alert_firings', 'notifications', 'webhooks', 'webhook_deliveries', 'outbox',
    'push_subscriptions', 'net_worth_points', 'idempotency_keys', 'audit_entries'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY own_rows ON %I TO harta_app
         USING (user_id = nullif(current_setting(''app.user_id'', true), '''')::uuid)
         WITH CHECK (user_id = nullif(current_setting(''app.user_id'', true), '''')::uuid)', name);
    EXECUTE format('CREATE POLICY all_rows ON %I TO harta_system USING (true) WITH CHECK (true)', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO harta_app', name);
    IF name <> 'audit_entries' THEN
      EXECUTE format('GRANT UPDATE, DELETE ON %I TO harta_app', name);
    END IF;
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO harta_system', name);
  END LOOP;
END
$$;

ALTER TABLE "users" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "users" FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON "users" TO harta_app
  USING (id = nullif(current_setting('app.user_id', true), '')::uuid)
  WITH CHECK (id = nullif(current_setting('app.user_id', true), '')::uuid);
CREATE POLICY all_rows ON "users" TO harta_system USING (true) WITH CHECK (true);
-- Nobody makes a user, an administrator or a disabled user of himself.
GRANT SELECT, DELETE ON "users" TO harta_app;
GRANT UPDATE ("password_hash", "name", "base_currency", "time_zone", "locale", "month_start_day", "holdings_version", "updated_at")
  ON "users" TO harta_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "users" TO harta_system;

GRANT USAGE ON SEQUENCE "activities_sequence_seq", "outbox_id_seq" TO harta_app, harta_system;

-- What belongs to nobody.
GRANT SELECT ON "instruments", "venue_symbols", "candles", "exchange_rates" TO harta_app;
GRANT INSERT ON "instruments" TO harta_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "instruments", "venue_symbols", "candles", "exchange_rates" TO harta_system;

-- Checks: the last line behind the program's own.
ALTER TABLE "users"
  ADD CONSTRAINT "users_email_lower" CHECK ("email" = lower("email")),
  ADD CONSTRAINT "users_month_start_day" CHECK ("month_start_day" BETWEEN 1 AND 31);
ALTER TABLE "instruments" ADD CONSTRAINT "instruments_kind" CHECK ("kind" IN ('CRYPTO', 'STOCK', 'FUND', 'CURRENCY'));
ALTER TABLE "candles"
  ADD CONSTRAINT "candles_interval" CHECK ("interval" IN ('1m', '1h', '1d')),
  ADD CONSTRAINT "candles_positive" CHECK ("low" > 0 AND "low" <= "open" AND "low" <= "close" AND "high" >= "open" AND "high" >= "close");
ALTER TABLE "exchange_rates" ADD CONSTRAINT "exchange_rates_positive" CHECK ("rate" > 0);
ALTER TABLE "activities"
  ADD CONSTRAINT "activities_rate_positive" CHECK ("rate" > 0),
  ADD CONSTRAINT "activities_split" CHECK (("type" = 'SPLIT') = ("split_numerator" IS NOT NULL AND "split_denominator" IS NOT NULL)),
  ADD CONSTRAINT "activities_split_positive" CHECK ("split_numerator" > 0 AND "split_denominator" > 0);
ALTER TABLE "recurring_rules"
  ADD CONSTRAINT "recurring_rules_kind" CHECK ("kind" IN ('INCOME', 'EXPENSE', 'BUY')),
  ADD CONSTRAINT "recurring_rules_frequency" CHECK ("frequency" IN ('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY')),
  ADD CONSTRAINT "recurring_rules_every" CHECK ("every" > 0);
ALTER TABLE "goals" ADD CONSTRAINT "goals_target_positive" CHECK ("target" > 0);
ALTER TABLE "alerts"
  ADD CONSTRAINT "alerts_repeat" CHECK ("repeat" IN ('once', 'rearm')),
  ADD CONSTRAINT "alerts_state" CHECK ("state" IN ('armed', 'fired', 'paused', 'expired')),
  ADD CONSTRAINT "alerts_condition" CHECK ("condition" IN ('above', 'below', 'crosses', 'moves', 'dayChange', 'newHigh'));
ALTER TABLE "webhook_deliveries"
  ADD CONSTRAINT "webhook_deliveries_state" CHECK ("state" IN ('pending', 'delivered', 'failed'));
ALTER TABLE "net_worth_points" ADD CONSTRAINT "net_worth_points_interval" CHECK ("interval" IN ('1m', '1h', '1d'));
