import type { Command } from 'commander';
import { askingCommand } from './asking.ts';
import type { Context } from './context.ts';

export const reconcileCommand = (context: Context): Command =>
  askingCommand(
    {
      name: 'reconcile',
      description: 'ask Ride With GPS what changed, now, and fetch it',
      path: '/api/v1/sync/reconcile',
      mark: (sync) => sync.last_reconciled_at,
      outcome: () => 'caught up with Ride With GPS.',
    },
    context,
  );
