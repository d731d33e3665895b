-- AlterTable
ALTER TABLE "instruments" ADD COLUMN     "past_read_at" TIMESTAMPTZ(6);
