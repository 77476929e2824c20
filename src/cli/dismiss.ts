import type { Command } from 'commander';
import type { Context } from './context.ts';
import { letterVerbCommand } from './letter-verb.ts';

export const dismissCommand = (context: Context): Command =>
  letterVerbCommand(
    {
      name: 'dismiss',
      description: 'take a dead letter off the list without trying it again',
      outcomes: {
        dismissed: {
          ok: true,
          message: 'off the list. It is set aside again if a later change or audit comes upon it and fails too.',
        },
      },
    },
    context,
  );
