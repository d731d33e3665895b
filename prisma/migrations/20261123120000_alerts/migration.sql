-- DropForeignKey
ALTER TABLE "alerts" DROP CONSTRAINT "alerts_instrument_id_fkey";

-- DropIndex
DROP INDEX "alerts_instrument_id_idx";

-- DropIndex
DROP INDEX "alerts_state_kind_idx";

-- DropIndex
DROP INDEX "outbox_user_id_idx";

-- AlterTable
ALTER TABLE "alerts" DROP COLUMN "instrument_id",
ADD COLUMN     "asset_id" UUID,
ADD COLUMN     "channels" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "check_due" TIMESTAMPTZ(6),
ADD COLUMN     "currency" TEXT,
ADD COLUMN     "direction" TEXT,
ADD COLUMN     "events" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "has_channels" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "per" TEXT,
ADD COLUMN     "percents" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
ADD COLUMN     "previous_basis" TEXT,
ADD COLUMN     "previous_version" BIGINT,
ADD COLUMN     "snoozed_until" TIMESTAMPTZ(6),
ADD COLUMN     "touched" BIGINT NOT NULL DEFAULT 0,
ALTER COLUMN "arm_version" SET DEFAULT 1;

-- AlterTable. Nothing has been written to it so far, and a row without its notification could not be sent.
DELETE FROM "outbox";
ALTER TABLE "outbox" DROP COLUMN "payload",
ADD COLUMN     "held" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "notification_id" UUID NOT NULL,
ADD COLUMN     "target" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "webhook_deliveries" ADD COLUMN     "held" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "webhooks" ADD COLUMN     "chat_id" TEXT,
ADD COLUMN     "disabled_reason" TEXT,
ADD COLUMN     "failing_since" TIMESTAMPTZ(6),
ADD COLUMN     "format" TEXT NOT NULL DEFAULT 'standard',
ADD COLUMN     "former_secret" BYTEA,
ADD COLUMN     "former_until" TIMESTAMPTZ(6),
ADD COLUMN     "name" TEXT,
ALTER COLUMN "events" SET DEFAULT ARRAY[]::TEXT[];

-- CreateTable
CREATE TABLE "alert_marks" (
    "symbol" TEXT NOT NULL,
    "price" DECIMAL(38,18) NOT NULL,
    "version" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "watermark" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "alert_marks_pkey" PRIMARY KEY ("symbol")
);

-- CreateTable
CREATE TABLE "alert_removals" (
    "id" UUID NOT NULL,
    "touched" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alert_removals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notification_settings" (
    "user_id" UUID NOT NULL,
    "email" BOOLEAN NOT NULL DEFAULT false,
    "push" BOOLEAN NOT NULL DEFAULT true,
    "webhook" BOOLEAN NOT NULL DEFAULT true,
    "quiet_from" TEXT,
    "quiet_to" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notification_settings_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "server_keys" (
    "name" TEXT NOT NULL,
    "value" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "server_keys_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE INDEX "alert_removals_touched_idx" ON "alert_removals"("touched");

-- CreateIndex
CREATE INDEX "alerts_kind_state_idx" ON "alerts"("kind", "state");

-- CreateIndex
CREATE INDEX "alerts_symbol_id_idx" ON "alerts"("symbol", "id");

-- CreateIndex
CREATE INDEX "alerts_touched_idx" ON "alerts"("touched");

-- CreateIndex
CREATE INDEX "alerts_user_id_asset_id_idx" ON "alerts"("user_id", "asset_id");

-- CreateIndex
CREATE INDEX "outbox_user_id_notification_id_idx" ON "outbox"("user_id", "notification_id");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_notification_id_topic_target_key" ON "outbox"("notification_id", "topic", "target");

-- AddForeignKey
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_user_id_asset_id_fkey" FOREIGN KEY ("user_id", "asset_id") REFERENCES "assets"("user_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_user_id_notification_id_fkey" FOREIGN KEY ("user_id", "notification_id") REFERENCES "notifications"("user_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notification_settings" ADD CONSTRAINT "notification_settings_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Row level security
ALTER TABLE "notification_settings" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "notification_settings" FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON "notification_settings" TO harta_app USING (user_id = nullif(current_setting('app.user_id', true), '')::uuid) WITH CHECK (user_id = nullif(current_setting('app.user_id', true), '')::uuid);
CREATE POLICY all_rows ON "notification_settings" TO harta_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "notification_settings" TO harta_app, harta_system;

-- Checks
ALTER TABLE "alerts"
  DROP CONSTRAINT "alerts_condition",
  ADD CONSTRAINT "alerts_condition" CHECK ("condition" IN ('above', 'below', 'crosses', 'moves', 'dayChange', 'newHigh', 'share')),
  ADD CONSTRAINT "alerts_direction" CHECK ("direction" IN ('up', 'down', 'either'));
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_format" CHECK ("format" IN ('standard', 'telegram', 'ntfy'));
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_topic" CHECK ("topic" IN ('email', 'push'));
ALTER TABLE "notification_settings"
  ADD CONSTRAINT "notification_settings_quiet" CHECK (num_nonnulls("quiet_from", "quiet_to") <> 1 AND "quiet_from" <> "quiet_to"),
  ADD CONSTRAINT "notification_settings_quiet_from" CHECK ("quiet_from" ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  ADD CONSTRAINT "notification_settings_quiet_to" CHECK ("quiet_to" ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$');

-- What is still to be looked at: a small part of large tables.
CREATE INDEX "alerts_check_due" ON "alerts" ("check_due") WHERE "check_due" IS NOT NULL;
CREATE INDEX "alerts_heard" ON "alerts" ("symbol")
  WHERE "kind" = 'PRICE' AND ("state" = 'armed' OR "state" = 'fired' AND "repeat" = 'rearm');
CREATE INDEX "alerts_heard_per" ON "alerts" ("per")
  WHERE "kind" = 'PRICE' AND ("state" = 'armed' OR "state" = 'fired' AND "repeat" = 'rearm') AND "per" IS NOT NULL;
CREATE INDEX "alerts_expiring" ON "alerts" ("expires_at")
  WHERE ("state" = 'armed' OR "state" = 'fired' AND "repeat" = 'rearm') AND "expires_at" IS NOT NULL;
CREATE INDEX "outbox_open" ON "outbox" ("available_at") WHERE "done_at" IS NULL;
CREATE INDEX "webhook_deliveries_open" ON "webhook_deliveries" ("next_attempt_at") WHERE "state" = 'pending';

-- What belongs to nobody, and is for workers alone.
GRANT SELECT, INSERT, UPDATE, DELETE ON "alert_marks", "alert_removals" TO harta_system;
GRANT INSERT ON "alert_removals" TO harta_app;
GRANT SELECT, INSERT ON "server_keys" TO harta_system;

-- Whoever keeps up with alerts asks for what was touched since the oldest transaction that was open when he asked
-- last; so a change whose transaction began early and ended late is not passed over.
CREATE FUNCTION "alert_touched"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."touched" := pg_current_xact_id()::text::bigint;
  RETURN NEW;
END
$$;
CREATE TRIGGER "alerts_touched_by_insert" BEFORE INSERT ON "alerts"
  FOR EACH ROW EXECUTE FUNCTION "alert_touched"();
CREATE TRIGGER "alerts_touched_by_update" BEFORE UPDATE ON "alerts"
  FOR EACH ROW WHEN (
    OLD."version" <> NEW."version" OR OLD."arm_version" <> NEW."arm_version" OR OLD."state" <> NEW."state"
    OR OLD."snoozed_until" IS DISTINCT FROM NEW."snoozed_until"
  ) EXECUTE FUNCTION "alert_touched"();
CREATE FUNCTION "alert_removed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "alert_removals" ("id", "touched") VALUES (OLD."id", pg_current_xact_id()::text::bigint)
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER "alerts_removed" AFTER DELETE ON "alerts" FOR EACH ROW EXECUTE FUNCTION "alert_removed"();

-- A budget may be spent by whatever writes expenses: each way marks the alerts that have to be looked at, also
-- those that are marked already: who looks at them now may not see yet what is being written, and has to be waited for.
CREATE FUNCTION "budget_alerts_due"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "alerts" SET "check_due" = now()
    WHERE "kind" = 'BUDGET' AND "user_id" IN (SELECT "user_id" FROM "changed");
  RETURN NULL;
END
$$;
CREATE TRIGGER "expenses_inserted" AFTER INSERT ON "expenses" REFERENCING NEW TABLE AS "changed"
  FOR EACH STATEMENT EXECUTE FUNCTION "budget_alerts_due"();
CREATE TRIGGER "expenses_updated" AFTER UPDATE ON "expenses" REFERENCING NEW TABLE AS "changed"
  FOR EACH STATEMENT EXECUTE FUNCTION "budget_alerts_due"();
CREATE TRIGGER "expenses_deleted" AFTER DELETE ON "expenses" REFERENCING OLD TABLE AS "changed"
  FOR EACH STATEMENT EXECUTE FUNCTION "budget_alerts_due"();
CREATE TRIGGER "budgets_inserted" AFTER INSERT ON "budgets" REFERENCING NEW TABLE AS "changed"
  FOR EACH STATEMENT EXECUTE FUNCTION "budget_alerts_due"();
CREATE TRIGGER "budgets_updated" AFTER UPDATE ON "budgets" REFERENCING NEW TABLE AS "changed"
  FOR EACH STATEMENT EXECUTE FUNCTION "budget_alerts_due"();
