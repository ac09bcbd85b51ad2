import type { Command } from 'commander';
export function registerDemo(program: Command, defaults: { brokers?: string }): void {
  program.command('demo').action(() => {
    process.stdout.write(defaults.brokers ?? '');
  });
}
