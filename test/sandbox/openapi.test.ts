import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { ask, CLIENT, firstOf, listOf, objectOf, realData, sandboxFor, TWO_RIDERS } from './support.ts';

/** Shapes that hold whether or not the provider's own specification is at hand. */
const SHAPES = {
  '/api/v1/users/current': { user: { id: 'number', name: 'string', created_at: 'string' } },
  '/api/v1/routes.json': { routes: ['object'], meta: { pagination: { record_count: 'number', next_page_url: 'any' } } },
  '/api/v1/trips.json': { trips: ['object'], meta: { pagination: { page_count: 'number', page_size: 'number' } } },
  '/api/v1/routes/{id}.json': {
    route: {
      id: 'number',
      track_points: ['object'],
      course_points: ['object'],
      points_of_interest: 'any',
      photos: 'any',
    },
  },
  '/api/v1/trips/{id}.json': {
    trip: { id: 'number', track_points: ['object'], gear: 'object', departed_at: 'string' },
  },
  '/api/v1/routes/{id}/polyline.json': { polyline: { parent_type: 'string', parent_id: 'number', data: 'string' } },
  '/api/v1/trips/{id}/polyline.json': { polyline: { parent_type: 'string', parent_id: 'number', data: 'string' } },
  '/api/v1/collections.json': { collections: ['object'] },
  '/api/v1/collections/{id}.json': { collection: { id: 'number', routes: ['object'], trips: ['object'] } },
  '/api/v1/collections/pinned.json': {
    collection: { id: 'number', user_id: 'number', routes: ['object'], trips: ['object'] },
  },
  '/api/v1/sync.json': { items: ['object'], meta: { rwgps_datetime: 'string', next_sync_url: 'string' } },
} as const;

type Path = keyof typeof SHAPES;
const paths = Object.keys(SHAPES).filter((path): path is Path => path in SHAPES);

async function visited(): Promise<{
  sandbox: Sandbox;
  token: string;
  get: (path: Path) => Promise<Record<string, unknown>>;
}> {
  const sandbox = await sandboxFor({
    riders: [{ id: 1, name: 'Robin Field', routes: 3, trips: 25, points: 90 }, ...TWO_RIDERS.slice(1)],
  });
  const token = sandbox.world.issueToken(1, CLIENT.apiKey);
  const [route, trip] = [sandbox.world.create(2, 'route'), sandbox.world.create(1, 'trip')];
  sandbox.world.pin(1, 'route', route.id);
  sandbox.world.pin(1, 'trip', trip.id);
  const ids: Record<string, number> = { routes: route.id, trips: trip.id, collections: 500_001 };
  const get = async (path: Path) => {
    const real = path.replace(/(\w+)\/\{id\}/, (_, kind: string) => `${kind}/${ids[kind]}`);
    const answer = await ask(sandbox, real.endsWith('sync.json') ? `${real}?since=1970-01-01` : real, token);
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.body;
  };
  return { sandbox, token, get };
}

function holds(value: unknown, shape: unknown, where: string): void {
  if (shape === 'any') return;
  if (typeof shape === 'string') expect([where, typeof value]).toEqual([where, shape]);
  else if (Array.isArray(shape)) for (const entry of firstOf([listOf(value)])) holds(entry, shape[0], `${where}[]`);
  else
    for (const [key, inside] of Object.entries(objectOf(shape))) holds(objectOf(value)[key], inside, `${where}.${key}`);
}

test.each(paths)('%s answers in its shape', async (path) => {
  const { get } = await visited();
  holds(await get(path), SHAPES[path], path);
});

/** The specification as JSON Schema, with what is wrong in it put right. */
async function specification(): Promise<
  { schemaOf: (path: string, status?: string) => ValidateFunction; keysOf: (schema: string) => string[] } | undefined
> {
  if (realData === undefined) return undefined;
  const document = objectOf(parse(await readFile(join(realData, 'ridewithgps/openapi-2026-06.yaml'), 'utf8')));
  const schemas = objectOf(objectOf(document.components).schemas);
  const properties = (name: string) => objectOf(objectOf(schemas[name]).properties);
  // The specification says integers; real recordings have heights and times with a fraction, and the sandbox follows them.
  const point = { ...properties('TrackPointTrip'), e: { type: 'number' }, t: { type: 'number' } };
  document.components = { schemas: { ...schemas, TrackPointTrip: { type: 'object', properties: point } } };
  // OpenAPI 3.0 says `nullable`, JSON Schema says a list of types. A reference beside `nullable` becomes one of two.
  const translate = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(translate);
    if (typeof value !== 'object' || value === null) return value;
    const { nullable, example, ...rest } = objectOf(value);
    const inside = Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, translate(part)]));
    if (nullable !== true) return inside;
    return '$ref' in inside ? { anyOf: [inside, { type: 'null' }] } : { ...inside, type: [inside.type, 'null'] };
  };
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    formats: { 'date-time': DATE, datetime: DATE, double: true, email: true, date: true },
  });
  ajv.addSchema({ $id: 'spec', ...objectOf(translate(document)) });
  const pointer = (part: string) =>
    part.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D');
  return {
    schemaOf: (path, status = '200') =>
      ajv.compile({ $ref: `spec#/paths/${pointer(path)}/get/responses/${status}/content/application~1json/schema` }),
    keysOf: (name) => Object.keys(properties(name)),
  };
}
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

describe('against the provider’s own specification, where it is at hand', () => {
  test('every answer fits its schema', async () => {
    const spec = await specification();
    const { get } = await visited();
    for (const path of paths) {
      const body = await get(path);
      const validate = spec?.schemaOf(path);
      const errors = validate && !validate(body) ? validate.errors : [];
      expect([path, errors]).toEqual([path, []]);
    }
  });

  test('items have every key that the specification names', async () => {
    const spec = await specification();
    const { sandbox } = await visited();
    const own = { RouteSummary: ['id', 'archived'], TripSummary: ['id', 'stationary', 'web_url'] };
    for (const [name, type] of [
      ['RouteSummary', 'route'],
      ['TripSummary', 'trip'],
    ] as const) {
      const item = sandbox.object(type, firstOf(sandbox.world.items(1, type)).id);
      for (const key of spec?.keysOf(name) ?? own[name]) expect(item).toHaveProperty(key);
    }
  });

  test('errors fit its schema when asked for in that shape', async () => {
    const spec = await specification();
    const { sandbox } = await visited();
    sandbox.faults.set({ errorsArray: true });
    const { body } = await ask(sandbox, '/api/v1/trips.json');
    expect(body).toEqual({ errors: ['Unauthorized'] });
    const validate = spec?.schemaOf('/api/v1/trips.json', '401');
    expect(validate?.(body) ?? true).toBe(true);
  });
});
