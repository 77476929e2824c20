import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Addresses of the built client, with the hash of their content in the name: they may be cached for ever. */
export interface Assets {
  styles: string;
  script: string;
  /** The Latin part of the typeface: preloaded, so that text does not jump when it arrives. */
  font: string;
  icon: string;
}

/** Where vite puts the built client, from the root of the project. `assets/` in it is to be served at `/assets`. */
export const CLIENT_DIRECTORY = join(import.meta.dirname, '../../dist/client');

const ENTRIES: Record<keyof Assets, string> = {
  styles: 'src/web/client/styles.css',
  script: 'src/web/client/main.ts',
  font: 'node_modules/@fontsource-variable/overpass/files/overpass-latin-wght-normal.woff2',
  icon: 'src/web/client/icon.svg',
};

/**
 * Reads vite's manifest; call it once, at start.
 * @throws Error when the client has not been built.
 */
export function readAssets(directory: string = CLIENT_DIRECTORY): Assets {
  const manifest = readManifest(join(directory, '.vite/manifest.json'));
  const address = (name: keyof Assets): string => {
    const file = manifest[ENTRIES[name]]?.file;
    if (!file) throw new Error(`The built client has no ${ENTRIES[name]}: run "npm run prepare" again.`);
    return `/${file}`;
  };
  return { styles: address('styles'), script: address('script'), font: address('font'), icon: address('icon') };
}

function readManifest(path: string): Record<string, { file?: string }> {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`The pages' styles and scripts are not built (${path} is missing): run "npm run prepare".`, {
      cause,
    });
  }
}
