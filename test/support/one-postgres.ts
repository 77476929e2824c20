import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type MigratedServer, startMigrated } from './postgres.ts';

/**
 * One PostgreSQL for all files of a run, which is started when the first of them asks for it: a server for each of twenty files
 * would take as long as a whole file's tests. Each file has databases of its own in it.
 */
export default async function offerPostgres(): Promise<() => Promise<void>> {
  let started: Promise<MigratedServer> | undefined;
  const desk = createServer(async (_, response) => {
    started ??= startMigrated();
    try {
      const { url, template } = await started;
      response.end(JSON.stringify({ url, template }));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await once(desk.listen(0, '127.0.0.1'), 'listening');
  // What tests run in inherits it.
  process.env.TEST_POSTGRES_AT = `http://127.0.0.1:${(desk.address() as AddressInfo).port}`;
  return async () => {
    desk.close();
    await (await started?.catch(() => undefined))?.stop();
  };
}
