// The same tests of the whole program, with PostgreSQL under it.
process.env.TEST_STORAGE = 'postgres';
await import('../dispatch.test.ts');
