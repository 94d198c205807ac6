import type { LauncherSettings, QueueKind } from '../../../model/execution.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Launcher } from '../../../ports/launcher.ts';
import { createLocalLauncher } from './local-launcher.ts';
import { LSF } from './lsf-dialect.ts';
import { PBS } from './pbs-dialect.ts';
import { createQueueCommands } from './queue-command.ts';
import { createQueueLauncher, type QueueDialect } from './queue-launcher.ts';
import { SLURM } from './slurm-dialect.ts';

const DIALECTS: Readonly<Record<QueueKind, QueueDialect>> = { slurm: SLURM, pbs: PBS, lsf: LSF };

export function openLauncher(settings: LauncherSettings, clock: Clock): Launcher {
  if (settings.kind === 'local') return createLocalLauncher(settings, clock);
  const parts = { run: createQueueCommands(settings.ssh), monotonic: () => clock.monotonic() };
  return createQueueLauncher(settings, DIALECTS[settings.kind], parts);
}
