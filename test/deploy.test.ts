import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../src/cli/commands.ts';
import type { Context } from '../src/cli/context.ts';
import { readConfig } from '../src/config.ts';

const ROOT = join(import.meta.dirname, '..');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found);

const commands = COMMANDS.map((make) => make({} as Context).name());
const settings = matches(textOf('.env.example'), /^# ([A-Z][A-Z0-9_]*)=/gm);

/** A number that the program does not hand out, such as `const IDLE_MS = 125_000`. */
function constantIn(path: string, name: string): number {
  const [, value = ''] = new RegExp(`${name} = ([\\d_ *]+);`).exec(textOf(path)) ?? [];
  expect(value, `${name} in ${path}`).not.toBe('');
  return value.split('*').reduce((product, factor) => product * Number(factor.replaceAll('_', '')), 1);
}

const IDLE_SECONDS = constantIn('src/http/listen.ts', 'IDLE_MS') / 1_000;
const STOPPING_SECONDS = constantIn('src/cli/stop.ts', 'PATIENCE_MS') / 1_000;

interface Service {
  image: string;
  command?: string[];
  user?: string;
  environment: Record<string, string>;
  volumes?: string[];
  networks: string[];
  tmpfs: string[];
  cap_add?: string[];
  stop_grace_period?: string;
  [setting: string]: unknown;
}

describe('compose.postgres.yaml', () => {
  const text = textOf('compose.postgres.yaml');
  const { services, volumes, networks } = parse(text, { merge: true }) as {
    services: Record<'receive' | 'work' | 'postgres' | 'caddy', Service>;
    volumes: Record<string, unknown>;
    networks: Record<string, { internal?: boolean } | null>;
  };
  const { receive, work, postgres, caddy } = services;
  const given = {
    SLIPSTREAM_DOMAIN: 'rides.example.org',
    POSTGRES_PASSWORD: 'p'.repeat(32),
    SECRET_KEY: 'k'.repeat(32),
  };
  const filled = ({ environment }: Service) =>
    Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [
        name,
        value.replace(/\$\{(\w+)[^}]*\}/g, (_, asked: keyof typeof given) => given[asked]),
      ]),
    );

  test.each(Object.entries(services))('lets %s write nothing but its own and gain no rights', (name, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(service.cap_add ?? []).toEqual(name === 'caddy' ? ['NET_BIND_SERVICE'] : []);
    for (const right of ['privileged', 'network_mode', 'pid', 'devices']) expect(service).not.toHaveProperty(right);
  });

  test('runs what it can as a user without rights', () => {
    expect(textOf('Dockerfile')).toMatch(/^USER node$/m);
    expect(receive).not.toHaveProperty('user');
    expect(work).not.toHaveProperty('user');
    expect(postgres.user).toBe('postgres');
  });

  test('can have any number of receivers and workers', () => {
    for (const service of [receive, work]) {
      for (const obstacle of ['container_name', 'ports', 'hostname', 'volumes']) {
        expect(service).not.toHaveProperty(obstacle);
      }
    }
    expect(Object.keys(services).filter((name) => 'ports' in services[name as keyof typeof services])).toEqual([
      'caddy',
    ]);
  });

  test('gives all of them one key and one database', () => {
    expect(work.environment).toEqual(receive.environment);
    expect(readConfig(filled(receive))).toMatchObject({
      host: '0.0.0.0',
      port: 3000,
      publicUrl: 'https://rides.example.org',
      databaseUrl: `postgres://slipstream:${given.POSTGRES_PASSWORD}@postgres:5432/slipstream`,
      secretKeys: [given.SECRET_KEY],
      trustProxy: 1,
    });
    const role = textOf('deploy/postgres.sql');
    expect(role).toMatch(/^CREATE ROLE slipstream LOGIN PASSWORD :'password';$/m);
    expect(role).toMatch(/^CREATE DATABASE slipstream OWNER slipstream\b/m);
    expect(role).not.toMatch(/^(?!--).*SUPERUSER/im);
  });

  test('says what is missing before anything starts', () => {
    const required = matches(text, /\$\{([A-Z_]+):\?Set \1 in \.env\b[^}]+\}/g);
    expect(required.toSorted()).toEqual(Object.keys(given).toSorted());
  });

  test('names no variable that is not explained in .env.example', () => {
    const asked = matches(text, /\$\{([A-Z_]+)/g);
    const set = [receive, work, caddy].flatMap(({ environment }) => Object.keys(environment));
    expect([...asked, ...set].filter((name) => !settings.includes(name))).toEqual([]);
    // Of the image of PostgreSQL.
    expect(Object.keys(postgres.environment)).toEqual(['POSTGRES_PASSWORD']);
  });

  test('takes images of a known major version', () => {
    const images = Object.values(services).map(({ image }) => image);
    expect(images).toContain('postgres:18');
    for (const image of images) expect(image).toMatch(/^(slipstream|[a-z]+:\d+(\.\d+)*)$/);
  });

  test.each([
    ['receive', receive],
    ['work', work],
  ])('calls a command that there is: %s', (_, { command = [] }) => {
    expect(command.slice(0, 2)).toEqual(['node', 'src/main.ts']);
    expect(commands).toContain(command[2]);
  });

  test('shows the database to nobody but those who use it', () => {
    expect(networks.database).toEqual({ internal: true });
    expect(postgres.networks).toEqual(['database']);
    expect(caddy.networks).not.toContain('database');
  });

  test('mounts what exists, and keeps what must be kept', () => {
    const mounted = Object.values(services).flatMap((service) => service.volumes ?? []);
    for (const [from = ''] of mounted.map((mount) => mount.split(':'))) {
      expect(from.startsWith('./') ? existsSync(join(ROOT, from)) : from in volumes, from).toBe(true);
    }
    // Where the image of PostgreSQL 18 and later has it; before, it was a folder below.
    expect(postgres.volumes).toContain('database:/var/lib/postgresql');
    expect(receive.tmpfs.join()).toContain(`${receive.environment.DATA_DIR}:mode=0700`);
  });

  test('gives everything longer to stop than it takes', () => {
    for (const { stop_grace_period } of [receive, work]) {
      expect(Number.parseInt(stop_grace_period ?? '', 10)).toBeGreaterThan(STOPPING_SECONDS);
    }
  });

  test('leaves on what an acknowledgement relies on', () => {
    expect(postgres.command?.length).toBeGreaterThan(3);
    expect(postgres.command?.join(' ')).not.toMatch(/fsync|synchronous_commit|full_page_writes/);
  });
});

describe('a proxy', () => {
  const caddy = textOf('deploy/Caddyfile');
  const page = textOf('docs/running.md');

  test('of compose.postgres.yaml asks for all receivers where they listen', () => {
    expect(caddy).toMatch(/dynamic a receive 3000\b/);
  });

  test('passes on more than Slipstream takes, so that Slipstream is the one that refuses', () => {
    const most = constantIn('src/http/webhooks.ts', 'MOST_BYTES');
    const limits = [...caddy.matchAll(/max_size (\d+)MB/g), ...page.matchAll(/client_max_body_size (\d+)m/g)];
    expect(limits.length).toBeGreaterThan(1);
    for (const [said, megabytes] of limits) expect(Number(megabytes) * 1_000_000, said).toBeGreaterThan(most);
  });

  test('closes a connection that is only kept open before Slipstream does', () => {
    const times = [...`${caddy}${page}`.matchAll(/(?:keepalive|keepalive_timeout|idleConnTimeout:) (\d+)s/g)];
    expect(times.length).toBeGreaterThan(2);
    for (const [said, seconds] of times) expect(Number(seconds), said).toBeLessThan(IDLE_SECONDS);
  });

  test('compresses neither progress nor acknowledgements', () => {
    expect(textOf('src/http/pages/sync.ts')).toContain("'/sync/events'");
    for (const file of [caddy, textOf('Caddyfile')]) {
      expect(file).toMatch(/@compressible not path \/sync\/events \/webhooks\/\*\n\tencode @compressible /);
    }
  });
});

describe('a unit of systemd', () => {
  const folder = 'deploy/systemd';
  const units = readdirSync(join(ROOT, folder)).map((name) => ({ name, text: textOf(`${folder}/${name}`) }));
  const valuesOf = (text: string, key: string) => matches(text, new RegExp(`^${key}=(.*)$`, 'gm'));

  test('is there for one process and for each role', () => {
    const names = units.map(({ name }) => name).toSorted();
    expect(names).toEqual(['slipstream-receive@.service', 'slipstream-work@.service', 'slipstream.service']);
  });

  test.each(units)('starts a command that there is: $name', ({ text }) => {
    const [start = ''] = valuesOf(text, 'ExecStart');
    const [program, entry, command] = start.split(' ');
    expect([program, entry]).toEqual(['/opt/slipstream/node_modules/.bin/node', 'src/main.ts']);
    expect(commands).toContain(command);
  });

  test.each(units)('sets only what there is to set, and no secret: $name', ({ text }) => {
    const set = valuesOf(text, 'Environment').map((value) => value.split('=')[0] ?? '');
    expect(set).toContain('DATA_DIR');
    expect(set.filter((name) => !settings.includes(name) && name !== 'NODE_ENV')).toEqual([]);
    expect(set.filter((name) => /KEY|SECRET|TOKEN|PASSWORD|URL/.test(name))).toEqual([]);
    expect(valuesOf(text, 'EnvironmentFile')).toEqual(['/etc/slipstream/slipstream.env']);
  });

  test.each(units)('stops in order and comes back: $name', ({ text }) => {
    expect(Number(valuesOf(text, 'TimeoutStopSec')[0])).toBeGreaterThan(STOPPING_SECONDS);
    expect(valuesOf(text, 'Restart')).toEqual(['on-failure']);
    expect(text).not.toMatch(/^Kill(Signal|Mode)=/m);
  });

  test.each(units)('may do no more than it needs: $name', ({ text }) => {
    const rights = text.slice(text.indexOf('# What it may'));
    expect(rights).toBe(units[0]?.text.slice(units[0].text.indexOf('# What it may')));
    for (const line of ['NoNewPrivileges=yes', 'ProtectSystem=strict', 'CapabilityBoundingSet=', 'PrivateUsers=yes']) {
      expect(rights).toContain(`${line}\n`);
    }
    expect(valuesOf(text, 'User')).toEqual(['slipstream']);
  });
});
