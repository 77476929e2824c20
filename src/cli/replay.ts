import type { Command } from 'commander';
import type { Context } from './context.ts';
import { letterVerbCommand } from './letter-verb.ts';

export const replayCommand = (context: Context): Command =>
  letterVerbCommand(
    {
      name: 'replay',
      description: 'try a dead letter again',
      outcomes: {
        replayed: { ok: true, message: 'tried again; it comes back to the list if it fails.' },
        still_unreadable: { ok: false, message: 'read again and still not readable. It stays where it is.' },
      },
    },
    context,
  );
