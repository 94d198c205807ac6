import { expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';

it.each(['pause', 'resume', 'cancel'])('%s takes what its example shows, and says so', async (name) => {
  const help = await runCli([name, '--help']);
  expect(help.stdout).toMatch(new RegExp(`^Usage: elastream ${name} --cluster <url> <campaign>\n`));
  const example = /elastream (\w+ --cluster .*)/.exec(help.stdout.slice(help.stdout.indexOf('Example')))![1]!;
  // Nobody listens there: the command line has been understood.
  const args = example.replace(':7400', ':1').split(' ');
  expect(await runCli(args)).toMatchObject({ code: 1, stderr: expect.stringContaining('nobody answers there') });
  const remedy = `give one campaign and its cluster: elastream ${name} --cluster grpc://host:port CAMPAIGN\n`;
  for (const wrong of [['quickstart'], ['a', 'b'], ['--cluster', 'grpc://127.0.0.1:1'], [...args, 'another']]) {
    expect(await runCli([name, ...wrong.filter((arg) => arg !== name)])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(remedy),
    });
  }
});
