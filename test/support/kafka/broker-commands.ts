import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { provideBrokerJars } from '../../../deploy/local/kafka/broker-jars.ts';

const COMMANDS = {
  'kafka-reassign-partitions.sh': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  'kafka-configs.sh': 'org.apache.kafka.tools.ConfigCommand',
};

/** Runs a shell line with Kafka's own commands available; the commands and their files are in the directory. */
export async function brokerCommands(directory: string): Promise<(line: string) => Promise<string>> {
  const jars = await provideBrokerJars();
  for (const [name, main] of Object.entries(COMMANDS)) {
    writeFileSync(join(directory, name), `#!/bin/sh\nexec java -cp '${jars}/*' ${main} "$@"\n`, { mode: 0o755 });
  }
  return async (line) => {
    const env = { ...process.env, PATH: `${directory}:${process.env.PATH}` };
    const { stdout, stderr } = await promisify(execFile)('sh', ['-ec', line], { cwd: directory, env });
    return stdout + stderr;
  };
}
