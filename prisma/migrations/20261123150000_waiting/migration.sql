-- DropIndex
DROP INDEX "webhook_deliveries_state_next_attempt_at_idx";

-- What waits, in the order in which it is due and, of each who waits, in his own line: whoever claims looks at the
-- ends of these, however long they are.
DROP INDEX "webhook_deliveries_open";
CREATE INDEX "webhook_deliveries_open" ON "webhook_deliveries" ("next_attempt_at", "id") WHERE "state" = 'pending';
CREATE INDEX "webhook_deliveries_lines" ON "webhook_deliveries" ("webhook_id", "next_attempt_at", "id")
  WHERE "state" = 'pending';
DROP INDEX "outbox_open";
CREATE INDEX "outbox_open" ON "outbox" ("topic", "available_at", "id") WHERE "done_at" IS NULL;
CREATE INDEX "outbox_lines" ON "outbox" ("topic", "user_id", "available_at", "id") WHERE "done_at" IS NULL;
