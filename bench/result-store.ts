import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChdbServer } from '../src/adapters/chdb/chdb-server.ts';
import { READING_USER } from '../src/adapters/chdb/engine-users.ts';
import { connectClickHouse } from '../src/adapters/clickhouse/connect.ts';
import { openResultStore } from '../src/adapters/clickhouse/result-store.ts';
import type { MaterialId } from '../src/model/material-id.ts';
import type { Prediction } from '../src/ports/result-store.ts';

/**
 * Measures the embedded ClickHouse: inserted rows per second, CPU time and memory of both processes, and times of some
 * queries.
 */
const ROWS = Number(process.argv[2] ?? 1_000_000);
const MEMBERS = Number(process.argv[3] ?? 0);
const folder = mkdtempSync(join(tmpdir(), 'elastream-bench-'));
const server = await startChdbServer(folder);
const reader = connectClickHouse({ socketPath: server.socketPath, username: READING_USER });
const store = await openResultStore(connectClickHouse(server), { reader, recover: server.recover });
const idle = childStatus();

function* rows(): Generator<Prediction> {
  for (let i = 0; i < ROWS; i++) {
    const mean = 50 + 40 * Math.sin(i);
    const memberValues = Array.from({ length: MEMBERS }, (_, m) => mean + Math.cos(m * i));
    const materialId = `mp-${i >> 1}` as MaterialId;
    yield {
      partition: i & 63,
      materialId,
      target: i & 1 ? 'g_vrh' : 'k_vrh',
      mean,
      stdev: 1 + Math.cos(i),
      memberValues,
    };
  }
}

const batch = {
  campaign: 'bench',
  round: 1,
  epoch: 1,
  snapshotHash: 'h1:0',
  partitions: Array.from({ length: 64 }, (_, i) => i),
};
for (const pass of ['first', 'again']) {
  const [begin, cpu] = [performance.now(), process.cpuUsage()];
  const childCpu = childStatus().cpuSeconds;
  await store.storePredictions(batch, rows());
  const seconds = (performance.now() - begin) / 1000;
  const own = process.cpuUsage(cpu);
  console.log(pass, {
    rows: ROWS,
    members: MEMBERS,
    seconds,
    rowsPerSecond: Math.round(ROWS / seconds),
    cpuSeconds: (own.user + own.system) / 1e6,
    engineCpuSeconds: childStatus().cpuSeconds - childCpu,
    rssMb: Math.round(process.memoryUsage().rss / 1e6),
  });
}
console.log('engine', { idleMb: idle.rssMb, peakMb: childStatus().peakMb, rssMb: childStatus().rssMb });
for (const sql of [
  'SELECT count() FROM predictions',
  'SELECT target, avg(mean), quantile(0.9)(stdev) FROM predictions GROUP BY target',
  "SELECT * FROM predictions WHERE campaign = 'bench' AND round = 1 AND target = 'g_vrh' AND material_id = 'mp-777'",
  'SELECT material_id, mean FROM predictions',
]) {
  const begin = performance.now();
  let bytes = 0;
  for await (const part of store.query(sql, { format: 'CSV' })) bytes += part.length;
  console.log(Math.round(performance.now() - begin), 'ms', bytes, 'bytes', sql);
}
const begin = performance.now();
await store.thinPredictionsBefore({ campaign: 'bench', round: 2 });
console.log(Math.round(performance.now() - begin), 'ms thinning');
await store.close();
await server.close();
rmSync(folder, { recursive: true });

function childStatus(): { rssMb: number; peakMb: number; cpuSeconds: number } {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  const mb = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]) / 1000);
  const times = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return { rssMb: mb('VmRSS'), peakMb: mb('VmHWM'), cpuSeconds: (Number(times[11]) + Number(times[12])) / 100 };
}
