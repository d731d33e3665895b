-- AlterTable
ALTER TABLE "alerts" ADD COLUMN     "waiting_told_at" TIMESTAMPTZ(6);
