import type { Command } from 'commander';
import { askingCommand } from './asking.ts';
import type { Context } from './context.ts';

export const auditCommand = (context: Context): Command =>
  askingCommand(
    {
      name: 'audit',
      description: 'compare the whole library with Ride With GPS, and fetch what differs',
      path: '/api/v1/sync/audit',
      mark: (sync) => sync.last_audit?.at ?? null,
      outcome: ({ last_audit: audit }) =>
        audit?.different
          ? `${audit.compared} items compared, ${audit.different} differed and were fetched.`
          : `${audit?.compared ?? 0} items compared, none differed.`,
    },
    context,
  );
