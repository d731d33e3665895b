-- DropForeignKey
ALTER TABLE "net_worth_points" DROP CONSTRAINT "net_worth_points_user_id_fkey";

-- DropIndex
DROP INDEX "budgets_user_id_category_id_key";

-- AlterTable
ALTER TABLE "activities" ADD COLUMN     "cause_id" UUID,
ADD COLUMN     "expense_id" UUID,
ADD COLUMN     "income_id" UUID,
ADD COLUMN     "rate_currency" TEXT;

-- AlterTable
ALTER TABLE "assets" ADD COLUMN     "average_cost" DECIMAL(38,18) NOT NULL DEFAULT 0,
ADD COLUMN     "average_investment" DECIMAL(38,18) NOT NULL DEFAULT 0,
ADD COLUMN     "base_cost" DECIMAL(38,18),
ADD COLUMN     "base_currency" TEXT;

-- AlterTable
ALTER TABLE "budgets" ADD COLUMN     "month" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "expenses" ADD COLUMN     "tags" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "incomes" ADD COLUMN     "tags" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "recurring_rules" ADD COLUMN     "due_on" TEXT NOT NULL DEFAULT 'DATE',
ADD COLUMN     "tags" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- DropTable
DROP TABLE "net_worth_points";

-- CreateTable
CREATE TABLE "asset_checkpoints" (
    "user_id" UUID NOT NULL,
    "asset_id" UUID NOT NULL,
    "date" DATE NOT NULL,
    "entries" INTEGER NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "asset_checkpoints_pkey" PRIMARY KEY ("user_id","asset_id","date")
);

-- CreateTable
CREATE TABLE "imports" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "format" TEXT NOT NULL,
    "file_name" TEXT,
    "state" TEXT NOT NULL DEFAULT 'previewed',
    "plan" JSONB NOT NULL DEFAULT '{}',
    "report" JSONB NOT NULL DEFAULT '{}',
    "total" INTEGER NOT NULL DEFAULT 0,
    "done" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,
    "claimed_until" TIMESTAMPTZ(6),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "imports_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "activities_date_idx" ON "activities"("date");

-- CreateIndex
CREATE INDEX "incomes_date_idx" ON "incomes"("date");

-- CreateIndex
CREATE INDEX "expenses_date_idx" ON "expenses"("date");

-- CreateIndex
CREATE INDEX "goal_contributions_date_idx" ON "goal_contributions"("date");

-- CreateIndex
CREATE INDEX "imports_state_claimed_until_idx" ON "imports"("state", "claimed_until");

-- CreateIndex
CREATE UNIQUE INDEX "imports_user_id_id_key" ON "imports"("user_id", "id");

-- CreateIndex
CREATE INDEX "activities_user_id_cause_id_idx" ON "activities"("user_id", "cause_id");

-- CreateIndex
CREATE UNIQUE INDEX "activities_user_id_income_id_key" ON "activities"("user_id", "income_id");

-- CreateIndex
CREATE UNIQUE INDEX "activities_user_id_expense_id_key" ON "activities"("user_id", "expense_id");

-- CreateIndex
CREATE UNIQUE INDEX "budgets_user_id_category_id_month_key" ON "budgets"("user_id", "category_id", "month");

-- AddForeignKey
ALTER TABLE "activities" ADD CONSTRAINT "activities_user_id_cause_id_fkey" FOREIGN KEY ("user_id", "cause_id") REFERENCES "activities"("user_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "activities" ADD CONSTRAINT "activities_user_id_income_id_fkey" FOREIGN KEY ("user_id", "income_id") REFERENCES "incomes"("user_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "activities" ADD CONSTRAINT "activities_user_id_expense_id_fkey" FOREIGN KEY ("user_id", "expense_id") REFERENCES "expenses"("user_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "asset_checkpoints" ADD CONSTRAINT "asset_checkpoints_user_id_asset_id_fkey" FOREIGN KEY ("user_id", "asset_id") REFERENCES "assets"("user_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "imports" ADD CONSTRAINT "imports_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What was kept until now was by average cost; by FIFO it is counted anew where base_currency is empty.
UPDATE "assets" SET "average_cost" = "cost", "average_investment" = "investment";

-- Checks
ALTER TABLE "activities"
  ADD CONSTRAINT "activities_one_cause" CHECK (num_nonnulls("cause_id", "income_id", "expense_id") <= 1);
ALTER TABLE "recurring_rules"
  DROP CONSTRAINT "recurring_rules_kind",
  ADD CONSTRAINT "recurring_rules_kind" CHECK ("kind" IN ('INCOME', 'EXPENSE')),
  ADD CONSTRAINT "recurring_rules_due_on" CHECK ("due_on" IN ('DATE', 'LAST_DAY', 'LAST_WEEKDAY'));
ALTER TABLE "budgets" ADD CONSTRAINT "budgets_month" CHECK ("month" = '' OR "month" ~ '^[0-9]{4}-[0-9]{2}$');
ALTER TABLE "imports"
  ADD CONSTRAINT "imports_state" CHECK ("state" IN ('previewed', 'running', 'done', 'failed')),
  ADD CONSTRAINT "imports_format" CHECK ("format" IN ('csv', 'ghostfolio', 'harta'));

-- Row level security
ALTER TABLE "asset_checkpoints" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "asset_checkpoints" FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON "asset_checkpoints" TO harta_app USING (user_id = nullif(current_setting('app.user_id', true), '')::uuid) WITH CHECK (user_id = nullif(current_setting('app.user_id', true), '')::uuid);
CREATE POLICY all_rows ON "asset_checkpoints" TO harta_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "asset_checkpoints" TO harta_app, harta_system;

-- Row level security
ALTER TABLE "imports" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "imports" FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON "imports" TO harta_app USING (user_id = nullif(current_setting('app.user_id', true), '')::uuid) WITH CHECK (user_id = nullif(current_setting('app.user_id', true), '')::uuid);
CREATE POLICY all_rows ON "imports" TO harta_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "imports" TO harta_app, harta_system;
