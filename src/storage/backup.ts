import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SOURCES } from '../vocabulary.ts';

/** Written last, so that a backup that was cut off is none. */
export const MANIFEST = 'backup.json';

const file = z.object({ bytes: z.number(), sha256: z.string(), version: z.number() });
const manifest = z.object({
  format: z.literal('slipstream-backup-1'),
  madeAt: z.iso.datetime(),
  /** Noted before the first file was copied: what a restored copy catches up from. */
  accounts: z.array(z.object({ source: z.enum(SOURCES), account: z.string(), cursor: z.string().nullable() })),
  files: z.object({ 'inbox.db': file, 'mirror.db': file }),
  /** Each is named by the SHA-256 of its bytes. Backups of before there were photos have none. */
  photos: z.object({ files: z.number(), bytes: z.number() }).optional(),
});

/** What a backup says about itself. */
export type Manifest = z.infer<typeof manifest>;

/** The order matters: what an inbox has no more, the mirror that is copied after it has already. */
export const FILES = ['inbox.db', 'mirror.db'] as const;

/** @throws WrongBackup when the folder is no backup, or not a whole one. */
export function readManifest(folder: string): Manifest {
  try {
    return manifest.parse(JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')));
  } catch (error) {
    throw new WrongBackup(
      `${folder} is no backup of Slipstream, or one that was cut off: it has no ${MANIFEST} that can be read.`,
      {
        cause: error,
      },
    );
  }
}

export class WrongBackup extends Error {
  constructor(what: string, options?: ErrorOptions) {
    super(`${what} Nothing was changed. Use another backup.`, options);
    this.name = 'WrongBackup';
  }
}
