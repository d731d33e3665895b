-- AlterTable
ALTER TABLE "alerts" ADD COLUMN     "check_after" TIMESTAMPTZ(6),
ADD COLUMN     "month_moved" BOOLEAN NOT NULL DEFAULT false;

-- Since when an alert has to be looked at is kept while it waits for a rate; whoever spends ends the waiting.
CREATE OR REPLACE FUNCTION "budget_alerts_due"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "alerts" SET "check_due" = now(), "check_after" = NULL
    WHERE "kind" = 'BUDGET' AND "user_id" IN (SELECT "user_id" FROM "changed");
  RETURN NULL;
END
$$;

-- On another calendar other expenses are of the month under way. Which percentages it has told already is found by
-- whoever looks, where financial months are reckoned.
CREATE FUNCTION "user_calendar_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "alerts" SET "check_due" = now(), "check_after" = NULL,
      "month_moved" = "month_moved" OR OLD."month_start_day" <> NEW."month_start_day"
    WHERE "kind" = 'BUDGET' AND "user_id" = NEW."id";
  RETURN NULL;
END
$$;
CREATE TRIGGER "users_calendar_changed" AFTER UPDATE ON "users" FOR EACH ROW
  WHEN (OLD."month_start_day" <> NEW."month_start_day" OR OLD."time_zone" <> NEW."time_zone")
  EXECUTE FUNCTION "user_calendar_changed"();
