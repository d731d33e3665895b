import { defineConfig } from 'prisma/config'

/** For Prisma's own command line (`prisma migrate deploy`); Harta itself needs none of it. */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? '' },
})
