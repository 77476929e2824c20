import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Browser, type Installation, startInstallation } from './support/slipstream.ts';

let here: Installation;
let browser: Browser;

beforeAll(async () => {
  here = await startInstallation({ env: { MAP_STYLE_URL: 'https://tiles.example.org/style.json' } });
  browser = await here.connect();
});
afterAll(() => here.close());

const choose = (form: Record<string, string>) => browser.post('/settings/preferences', form);
const page = async (path: string, language?: string) => {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = { cookie, ...(language && { 'accept-language': language }) };
  return (await fetch(`${here.app.url}${path}`, { headers })).text();
};

test('until a rider chooses, units follow the language of the browser, before signing in too', async () => {
  for (const language of ['en-US,en;q=0.9', 'en-GB', 'en-Latn-US']) {
    expect(await page('/library', language)).toMatch(/\d\u2009mi\b|\u2009mi</);
  }
  for (const language of ['de-DE,en-US;q=0.5', 'en', '*', undefined]) {
    const metric = await page('/library', language);
    expect(metric).toContain('\u2009km');
    expect(metric).not.toContain('\u2009mi<');
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
  expect(shown).toContain('up to 900\u2009km, from 1\u2009mi');
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
