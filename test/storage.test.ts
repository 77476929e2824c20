import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openInbox } from '../src/storage/sqlite/inbox.ts';
import { openMirrorForWriting } from '../src/storage/sqlite/mirror.ts';
import { inboxSuite } from './conformance/inbox.ts';
import { mirrorSuite } from './conformance/mirror.ts';
import { photosSuite } from './conformance/photos.ts';
import { recordsSuite } from './conformance/records.ts';
import { sessionsSuite } from './conformance/sessions.ts';
import { statisticsSuite } from './conformance/statistics.ts';

let dataDir = '';

async function folder(): Promise<string> {
  dataDir ||= mkdtempSync(join(tmpdir(), 'slipstream-'));
  return dataDir;
}

async function forget(): Promise<void> {
  rmSync(dataDir, { recursive: true });
  dataDir = '';
}

inboxSuite('SQLite', async () => openInbox(await folder()), forget);
mirrorSuite('SQLite', async () => openMirrorForWriting(await folder()), forget);
recordsSuite('SQLite', async () => openMirrorForWriting(await folder()), forget);
sessionsSuite('SQLite', async () => openMirrorForWriting(await folder()), forget);
statisticsSuite('SQLite', async () => openMirrorForWriting(await folder()), forget);
photosSuite('SQLite', async () => openMirrorForWriting(await folder()), forget, {
  lose: async (hash) => rmSync(join(dataDir, 'photos', hash.slice(0, 2), hash)),
});
