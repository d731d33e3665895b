-- AlterTable
ALTER TABLE "alerts" ADD COLUMN     "suspended" BOOLEAN NOT NULL DEFAULT false;

-- Whoever disables a user, by whatever way: what is held against the market pauses with him. With him it is armed again
-- as after a pause: the first value from now on is its baseline (versionAt in src/prices/tick.ts; of a ratio the sum of
-- both). Budgets and goals are looked at all along and told to nobody, so that nothing of then is told later.
CREATE FUNCTION "user_disabled"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."disabled_at" IS NOT NULL THEN
    UPDATE "alerts" SET "state" = 'paused', "suspended" = true
      WHERE "user_id" = NEW."id" AND "kind" IN ('PRICE', 'PORTFOLIO')
        AND ("state" = 'armed' OR "state" = 'fired' AND "repeat" = 'rearm');
    UPDATE "outbox" SET "done_at" = now(), "claimed_until" = NULL, "error" = 'the account is disabled'
      WHERE "user_id" = NEW."id" AND "done_at" IS NULL;
  ELSE
    UPDATE "alerts" SET "state" = 'armed', "suspended" = false, "arm_version" = "arm_version" + 1,
        "previous" = NULL, "previous_at" = NULL, "previous_basis" = NULL,
        "previous_version" = CASE WHEN "kind" = 'PRICE' THEN
          (extract(epoch FROM clock_timestamp()) * 1000 * 1024)::bigint * CASE WHEN "per" IS NULL THEN 1 ELSE 2 END END
      WHERE "user_id" = NEW."id" AND "suspended";
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER "users_disabled" AFTER UPDATE ON "users"
  FOR EACH ROW WHEN ((OLD."disabled_at" IS NULL) <> (NEW."disabled_at" IS NULL)) EXECUTE FUNCTION "user_disabled"();
