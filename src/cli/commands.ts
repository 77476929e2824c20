import type { Command } from 'commander';
import { accountsCommand } from './accounts.ts';
import { auditCommand } from './audit.ts';
import { backupCommand } from './backup.ts';
import type { Context } from './context.ts';
import { deadLettersCommand } from './dead-letters.ts';
import { deletionsCommand } from './deletions.ts';
import { demoCommand } from './demo.ts';
import { dismissCommand } from './dismiss.ts';
import { doctorCommand } from './doctor.ts';
import { exportCommand } from './export.ts';
import { loginLinkCommand } from './login-link.ts';
import { migrateCommand } from './migrate.ts';
import { reconcileCommand } from './reconcile.ts';
import { recordsCommand } from './records.ts';
import { replayCommand } from './replay.ts';
import { restoreCommand } from './restore.ts';
import { receiveCommand, workCommand } from './roles.ts';
import { rotateKeyCommand } from './rotate-key.ts';
import { sandboxCommand } from './sandbox.ts';
import { serveCommand } from './serve.ts';
import { statusCommand } from './status.ts';
import { tokenCommand } from './token.ts';
import { whyCommand } from './why.ts';

/** In the order in which they are listed. */
export const COMMANDS: readonly ((context: Context) => Command)[] = [
  serveCommand,
  receiveCommand,
  workCommand,
  demoCommand,
  sandboxCommand,
  doctorCommand,
  statusCommand,
  accountsCommand,
  recordsCommand,
  whyCommand,
  loginLinkCommand,
  reconcileCommand,
  auditCommand,
  deadLettersCommand,
  replayCommand,
  dismissCommand,
  deletionsCommand,
  exportCommand,
  backupCommand,
  restoreCommand,
  tokenCommand,
  migrateCommand,
  rotateKeyCommand,
];
