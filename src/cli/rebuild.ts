import { Command } from 'commander';
export function rebuildCommand(): Command {
  return new Command('rebuild');
}
