import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { describeUnless } from '../needs.ts';

const HERE = ['slurmctld', 'slurmd', 'sbatch'].every((name) =>
  ['/usr/sbin', '/usr/bin'].some((folder) => existsSync(join(folder, name))),
);

/** A `describe` that needs Slurm's programs. */
export function describeWithSlurm(name: string, body: () => void): void {
  describeUnless(HERE ? undefined : 'Slurm is not here: apt-get install slurm-wlm', name, body);
}

export interface SlurmCluster {
  /** For the queue's programs. */
  readonly environment: Readonly<Record<string, string>>;
  query(program: string, ...args: string[]): string;
  restartController(): Promise<void>;
  stop(): Promise<void>;
}

/** A queue of one node that runs jobs of this user, without root, munge or systemd. */
export async function startSlurm(cpus: number): Promise<SlurmCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'slurm-'));
  for (const name of ['state', 'spool', 'run', 'log']) mkdirSync(join(folder, name));
  const conf = join(folder, 'slurm.conf');
  writeFileSync(conf, configuration(folder, cpus, await freePort(), await freePort()));
  const environment = { SLURM_CONF: conf };
  const query = (program: string, ...args: string[]) =>
    execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, ...environment }, timeout: 20_000 });
  const controller = () => query('/usr/sbin/slurmctld', '-f', conf);
  const stopped = async (name: string) => {
    const file = join(folder, 'run', `${name}.pid`);
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    if (pid === 0) return;
    process.kill(pid, 'SIGTERM');
    await eventually(async () => !isAlive(pid), 20_000);
  };
  controller();
  query('/usr/sbin/slurmd', '-f', conf, '-N', 'n1');
  const answers = () => eventually(async () => /idle|mix|alloc/.test(query('sinfo', '-h', '-o', '%T')), 20_000);
  await answers();
  return {
    ...{ environment, query },
    async restartController() {
      await stopped('slurmctld');
      controller();
      await answers();
    },
    async stop() {
      query('scancel', '--me');
      await eventually(async () => query('squeue', '-h', '-t', 'running,completing') === '', 20_000).catch(() => {});
      await stopped('slurmd');
      await stopped('slurmctld');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\S+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function configuration(folder: string, cpus: number, port: number, nodePort: number): string {
  const user = userInfo().username;
  return `
ClusterName=test
SlurmctldHost=localhost
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/none
CredType=cred/none
SlurmctldPort=${port}
SlurmdPort=${nodePort}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/run/slurmctld.pid
SlurmdPidFile=${folder}/run/slurmd.pid
SlurmctldLogFile=${folder}/log/slurmctld.log
SlurmdLogFile=${folder}/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1,batch_sched_delay=0
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=${folder}/log/jobcomp.log
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SlurmdTimeout=30
KillWait=5
MinJobAge=300
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmdParameters=config_overrides
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 CPUs=${cpus} RealMemory=8000 State=UNKNOWN
PartitionName=main Nodes=n1 Default=YES MaxTime=INFINITE State=UP
`;
}
