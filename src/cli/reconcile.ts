import { type Command, Option } from 'commander';
import { SOURCES } from '../vocabulary.ts';
import { askingCommand } from './asking.ts';
import type { Context } from './context.ts';

export const reconcileCommand = (context: Context): Command =>
  askingCommand(
    {
      name: 'reconcile',
      description: 'ask what changed, now, and fetch it',
      path: '/api/v1/sync/reconcile',
      mark: (sync) => sync.last_reconciled_at,
      outcome: () => 'caught up with Ride With GPS.',
    },
    context,
  ).addOption(
    new Option('--source <name>', 'another provider, for all of its accounts; default: ridewithgps').choices(SOURCES),
  );
