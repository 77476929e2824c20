import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProgram, type Program } from '../cli/program.ts';
import { type Installation, startInstallation, webhookUrl } from '../support/slipstream.ts';
import { bodyOf, deliver, notification } from '../support/webhook.ts';

const FILES = { inbox: 'inbox.db', mirror: 'mirror.db' } as const;

let here: Installation;
let program: Program;
beforeEach(async () => {
  program = createProgram();
  here = await startInstallation();
});
afterEach(async () => {
  program.close();
  await here.close();
});

const serve = () => program.run(['serve'], { ...here.environment, PORT: '0' });

describe('a database that is damaged', () => {
  test.each([
    ['inbox', /inbox\.db .*is damaged or is no database.*Nothing was changed\..*Move inbox\.db.*nothing of it is lost/],
    ['mirror', /mirror\.db .*is damaged or is no database.*Nothing was changed\..*slipstream restore.*copied afresh/],
  ] as const)('%s: is named at the start with the way back, and is left as it is', async (name, sentence) => {
    await here.connect();
    await here.app.close();
    const file = join(here.dataDir, FILES[name]);
    const bytes = readFileSync(file);
    bytes.fill('rubbish ', 0, 100);
    writeFileSync(file, bytes);
    const { code, stderr } = await serve();
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n +at /);
    expect(readFileSync(file).equals(bytes)).toBe(true);

    // The way back, as it was said.
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    await here.restart();
    const browser = await here.connect();
    expect((await browser.json<{ meta: object }>('/api/v1/trips')).meta).toMatchObject({ total: 4 });
  });

  test('mirror, behind a header that can be read: is found out at the start or by doctor, and nothing says a stack', async () => {
    await here.connect();
    await here.app.close();
    const file = join(here.dataDir, FILES.mirror);
    const handle = openSync(file, 'r+');
    // All but the schema: header and first page stay.
    writeSync(handle, Buffer.alloc(statSync(file).size - 4_096, 0x5a), 0, undefined, 4_096);
    closeSync(handle);
    const { code, stderr } = await serve();
    expect(code).toBe(1);
    expect(stderr).toMatch(/damaged/);
    expect(stderr).not.toMatch(/\n +at /);
    const { stdout } = await program.run(['doctor', '--json'], here.environment);
    expect(stdout).toMatch(/mirror\.db[\s\S]*cannot be read as it should/);
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    await here.restart();
  });
});

describe('two on one folder', () => {
  test('the second one is refused also when it cannot be asked who is there', async () => {
    // As when the socket was deleted, or lies on a file system that has none.
    rmSync(join(here.dataDir, 'control.sock'), { force: true });
    const { code, stderr } = await serve();
    expect(code).toBe(1);
    expect(stderr).toMatch(/Another Slipstream is at work on DATA_DIR .*changed nothing/);
    expect((await deliver(webhookUrl(here.app), bodyOf(notification()))).status).toBe(200);
  });

  test('one that was killed leaves nothing behind that keeps the next one out', async () => {
    const data = join(program.folder, 'killed');
    mkdirSync(data);
    const environment = { ...here.environment, DATA_DIR: data, PORT: '0', LOG_LEVEL: 'info' };
    for (let times = 0; times < 2; times += 1) {
      const one = program.start(['serve'], environment);
      await one.until(/is listening/);
      one.signal('SIGKILL');
      await one.ended;
    }
  });
});
