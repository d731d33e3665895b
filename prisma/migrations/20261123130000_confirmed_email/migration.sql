-- AlterTable. No address counts as confirmed until its owner has said so.
ALTER TABLE "users" ADD COLUMN     "confirmed_email" TEXT;

-- AlterTable. Answers that were kept in the clear are forgotten; that they were given is not.
ALTER TABLE "idempotency_keys" DROP COLUMN "response",
ADD COLUMN     "answer" BYTEA;
