import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENGLISH, type Language } from '../src/web/say.ts';
import { type Browser, type Installation, startInstallation } from './support/slipstream.ts';

const SLOVENE: Language = {
  tag: 'sl',
  dates: 'sl',
  texts: { Settings: 'Nastavitve', Language: 'Jezik', Save: 'Shrani' },
};

let here: Installation;
let browser: Browser;

beforeAll(async () => {
  here = await startInstallation({
    env: { MAP_STYLE_URL: 'https://tiles.example.org/style.json' },
    languages: [ENGLISH, SLOVENE],
  });
  browser = await here.connect();
});
afterAll(() => here.close());

const choose = (form: Record<string, string>) => browser.post('/settings/preferences', form);
const page = async (path: string, language?: string) => (await ask(path, language)).text();
const ask = async (path: string, language?: string, init: RequestInit = {}) => {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = { cookie, ...(language && { 'accept-language': language }) };
  return fetch(`${here.app.url}${path}`, { ...init, headers: { ...headers, ...init.headers } });
};

test('until a rider chooses, units follow the language of the browser, before signing in too', async () => {
  for (const language of ['en-US,en;q=0.9', 'en-GB', 'en-Latn-US']) {
    expect(await page('/library', language)).toMatch(/\d\u202fmi\b|\u202fmi</);
  }
  for (const language of ['de-DE,en-US;q=0.5', 'en', '*', undefined]) {
    const metric = await page('/library', language);
    expect(metric).toContain('\u202fkm');
    expect(metric).not.toContain('\u202fmi<');
  }
  const front = await fetch(here.app.url, { headers: { 'accept-language': 'en-US' } });
  expect(await front.text()).toContain('data-units="imperial"');
});

test('what is chosen holds, whatever the browser says', async () => {
  expect((await choose({ units: 'imperial', theme: 'dark', mapStyle: 'plain' })).status).toBe(303);
  for (const path of ['/library', '/sync', '/settings']) {
    const html = await page(path, 'de-DE');
    expect(html).toContain('<html lang="en" data-units="imperial" data-theme="dark"');
    expect(html).toContain('<meta name="color-scheme" content="dark">');
    expect(html.match(/name="theme-color"/g)).toHaveLength(1);
  }
  const settings = await page('/settings');
  for (const value of ['imperial', 'dark', 'plain']) expect(settings).toContain(`<option value="${value}" selected>`);
});

test('filters ask in miles and feet then, and mean what they say', async () => {
  await choose({ units: 'imperial', theme: '' });
  const form = await page('/library');
  expect(form).toContain('name="min_mi"');
  expect(form).toContain('name="min_climb_ft"');
  expect(form).not.toContain('name="min_km"');
  const shown = await page('/library?min_mi=1&max_km=900');
  expect(shown).toContain('up to 900\u202fkm, from 1\u202fmi');
  const miles = (await page('/library?min_mi=1.2')).match(/class="row /g)?.length ?? 0;
  const same = (await page(`/library?min_km=${(1.2 * 1.609344).toFixed(3)}`)).match(/class="row /g)?.length ?? 0;
  const all = (await page('/library')).match(/class="row /g)?.length ?? 0;
  expect(miles).toBe(same);
  expect(all).toBe(6);
});

test('a map that was chosen stays chosen where the form does not ask for it', async () => {
  await choose({ units: '', theme: '', mapStyle: 'remote' });
  await choose({ units: 'metric', theme: '' });
  expect(await page('/settings')).toContain('<option value="remote" selected>');
});

test('pages speak the language that the browser asks for, each answer its own', async () => {
  await choose({ units: '', theme: '' });
  const answer = await ask('/settings', 'sl-SI,en;q=0.8');
  expect(answer.headers.get('vary')).toContain('Accept-Language');
  const html = await answer.text();
  expect(html).toContain('<html lang="sl"');
  expect(html).toContain('<h1>Nastavitve</h1>');
  // Its dates too; and what it has no text for is said in English.
  expect(html).toMatch(/title="\d+\. \p{L}+ \d{4}/u);
  expect(html).toContain('Personal tokens');
  expect(await page('/library', 'sl')).toMatch(/\d,\d\u202fkm/);
  const wanted = Array.from({ length: 12 }, (_, at) => (at % 3 === 0 ? 'sl' : 'en'));
  const spoken = await Promise.all(wanted.map((language) => page('/settings', language)));
  expect(spoken.map((each) => /<html lang="(\w+)"/.exec(each)?.[1])).toEqual(wanted);
});

test('so do the front page and what is said when something goes wrong, and the API does not', async () => {
  const visitor = { headers: { cookie: '' } };
  for (const [path, status] of [
    ['/', 200],
    ['/nowhere', 404],
    ['/login/%ff', 400],
  ] as const) {
    const answer = await ask(path, 'sl', visitor);
    expect([path, answer.status]).toEqual([path, status]);
    expect(await answer.text()).toContain('<html lang="sl"');
  }
  const form = { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } };
  for (const body of [new URLSearchParams({ units: 'furlongs' }), new URLSearchParams({ units: 'x'.repeat(5_000) })]) {
    const refused = await ask('/settings/preferences', 'sl', { ...form, body });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(await refused.text()).toContain('<html lang="sl"');
  }
  const [here, there] = await Promise.all(['sl', 'en'].map((language) => page('/api/v1/trips/0', language)));
  expect(here).toBe(there);
});

test('the browser’s part finds its texts, for ever, and asks for nothing in English', async () => {
  const texts = /data-texts="([^"]+)"/;
  expect(await page('/settings', 'en')).not.toMatch(texts);
  const [, address = ''] = texts.exec(await page('/settings', 'sl')) ?? [];
  const answer = await ask(address);
  expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect(await answer.json()).toEqual(SLOVENE);
  for (const other of ['/texts/sl.json', '/texts/sl-0.json', '/texts/']) expect((await ask(other)).status).toBe(404);
});

test('a language that was chosen goes before the browser’s, as long as it is there', async () => {
  expect(await page('/settings', 'sl')).toContain('<option value="sl" lang="sl">slovenščina</option>');
  await choose({ units: '', theme: '', language: 'sl' });
  for (const path of ['/settings', '/library', '/nowhere']) expect(await page(path, 'en')).toContain('<html lang="sl"');
  expect(await page('/settings', 'en')).toContain('<option value="sl" selected lang="sl">');
  expect((await choose({ units: '', theme: '', language: 'tlh' })).status).toBe(400);
  // A form without the choice, as an installation with one language has it, leaves it.
  await choose({ units: '', theme: '' });
  expect(await page('/settings', 'en')).toContain('<html lang="sl"');
  await choose({ units: '', theme: '', language: 'en' });
  expect(await page('/settings', 'sl')).toContain('<html lang="en"');
  await choose({ units: '', theme: '', language: '' });
  expect(await page('/settings', 'sl')).toContain('<html lang="sl"');
});

test('what is not among the choices changes nothing, and a restart neither', async () => {
  await choose({ units: 'metric', theme: 'light', mapStyle: 'plain' });
  for (const form of [
    { units: 'furlongs', theme: 'light' },
    { units: 'metric' },
    { units: 'metric', theme: '"><script>' },
  ]) {
    expect((await choose(form as Record<string, string>)).status).toBe(400);
  }
  await here.restart();
  expect(await page('/settings')).toContain('<option value="light" selected>');
});
