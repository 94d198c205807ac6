import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { openEventLog, openEventLogReader } from '../../../src/adapters/lmdb/event-log.ts';
import { metaKey } from '../../../src/adapters/lmdb/keys.ts';
import { openModelStore } from '../../../src/adapters/lmdb/model-store.ts';
import type { EventBatch, EventLogReader } from '../../../src/ports/event-log.ts';
import { builtModule, startModule } from '../../support/built-modules.ts';
import { collected, event, events, ids, idsOf } from '../../support/events.ts';
import { eventually } from '../../support/eventually.ts';
import type { NodeProcess } from '../../support/node-process.ts';

const TOPIC = { name: 'topic', partitions: 3 };
const KILLS = 10;

let directory: string;
let remove: () => Promise<void>;
beforeEach(() => {
  ({ path: directory, remove } = scratchDirectory());
});
afterEach(() => remove());

/** What children begin with. */
const prelude = () => `
  import { writeSync } from 'node:fs';
  import { openEventLog } from '${builtModule('adapters/lmdb/event-log.ts')}';
  const say = (text) => writeSync(1, text + '\\n');
  const event = (id, bytes = 300) => ({ key: Buffer.from('k'), id, source: 's', type: 't', time: 'now', contentType: 'c',
    value: Buffer.alloc(bytes, id) });
  const log = openEventLog({ directory: ${JSON.stringify(directory)} });
  await log.declare([${JSON.stringify(TOPIC)}]);
`;

/** Appends batches to each partition without end; a line per acknowledged batch. Ids: run/batch/event of how many. */
const appender = (run: number) => `${prelude()}
  say('ready');
  for (const partition of [0, 1, 2]) (async () => {
    for (let batch = 0; ; batch++) {
      const count = 1 + (batch * 7 + partition) % 20;
      const sent = Array.from({ length: count }, (_, i) => event('${run}/' + batch + '/' + i + ' of ' + count, 1500));
      const offsets = await log.append({ topic: 'topic', partition }, sent);
      say([partition, offsets[0], ...sent.map(({ id }) => id)].join());
    }
  })();
`;

async function readPartition(log: EventLogReader, partition: number) {
  const to = (await log.endOffsets(TOPIC.name))[partition]!;
  return (await collected(log.read([{ topic: TOPIC.name, partition, from: 0, to }]))).flatMap(({ records }) => records);
}

/** Every line of the child must be in the log, every batch in it whole, and everything in order. */
async function checkLog(log: EventLogReader, lines: readonly string[]): Promise<void> {
  for (let partition = 0; partition < TOPIC.partitions; partition++) {
    const records = await readPartition(log, partition);
    expect(records.map(({ offset }) => offset)).toEqual([...records.keys()]);
    for (const { id, value } of records)
      expect(value.every((byte, i) => byte === id.charCodeAt(i % id.length))).toBe(true);
    for (let at = 0; at < records.length; ) {
      const [batch, count] = [records[at]!.id.split('/0 of ')[0], Number(records[at]!.id.split(' of ')[1])];
      const found = records.slice(at, at + count).map(({ id }) => id);
      expect(found).toEqual(Array.from({ length: count }, (_, i) => `${batch}/${i} of ${count}`));
      at += count;
    }
    for (const line of lines) {
      const [place, first, ...acknowledged] = line.split(',');
      if (Number(place) !== partition) continue;
      expect(records.slice(Number(first), Number(first) + acknowledged.length).map(({ id }) => id)).toEqual(
        acknowledged,
      );
    }
  }
}

describe('a log whose process is killed', () => {
  it(`${KILLS} times while it appends, holds all that was acknowledged, in order and whole`, async () => {
    const lines: string[] = [];
    for (let run = 0; run < KILLS; run++) {
      const child = startModule(appender(run));
      await eventually(() => child.stdout().includes('ready') || child.process.exitCode !== null);
      await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 120));
      child.process.kill('SIGKILL');
      expect((await child.ended).signal, child.stderr()).toBe('SIGKILL');
      // The last line may be cut off: its batch was not acknowledged as a whole.
      lines.push(...child.stdout().split('\n').slice(1, -1));
      const log = openEventLog({ directory });
      await checkLog(log, lines);
      await log.close();
    }
    expect(lines.length).toBeGreaterThan(KILLS);
  });
});

describe('a directory', () => {
  let child: NodeProcess | undefined;
  afterEach(async () => {
    child?.process.kill('SIGKILL');
    await child?.ended;
    child = undefined;
  });

  it('with a living writer refuses a second one by name, lets others read, and is free again when the first is gone', async () => {
    child = startModule(`${prelude()}
      await log.append({ topic: 'topic', partition: 1 }, [event('first')]);
      say('ready');
      setInterval(() => log.append({ topic: 'topic', partition: 1 }, [event('more', 300_000)]), 5);
    `);
    await eventually(() => child!.stdout().includes('ready'));
    expect(() => openEventLog({ directory })).toThrowError(
      expect.objectContaining({
        code: 'storage_locked',
        message: expect.stringMatching(
          new RegExp(`already written by process ${child.process.pid}: wait .* or use another`),
        ),
      }),
    );
    const reader = openEventLogReader({ directory });
    expect(await reader.topics()).toEqual([TOPIC]);
    expect((await readPartition(reader, 1))[0]!.id).toBe('first');
    // The reader follows a file that grows far beyond what it was when it was opened.
    await eventually(async () => (await reader.endOffsets('topic'))[1]! > 60);
    expect((await readPartition(reader, 1)).slice(1).every(({ value }) => value.length === 300_000)).toBe(true);
    await reader.close();
    child.process.kill('SIGKILL');
    await child.ended;
    await openEventLog({ directory }).close();
  });

  it('taken over from a writer that only seemed dead lets that one write no more', async () => {
    const log = openEventLog({ directory });
    await log.declare([TOPIC]);
    const intruder = startModule(`
      import { open } from '${pathToFileURL(createRequire(import.meta.url).resolve('lmdb')).href}';
      const store = open({ path: ${JSON.stringify(directory)}, keyEncoding: 'binary', encoding: 'binary', overlappingSync: false });
      store.putSync(Buffer.from(${JSON.stringify(metaKey('holder').toString())}), Buffer.from('{"pid":77,"started":""}'));
      await store.close();
    `);
    expect((await intruder.ended).code, intruder.stderr()).toBe(0);
    const refused = { code: 'storage_locked', message: expect.stringContaining('process 77') };
    await expect(log.append({ topic: 'topic', partition: 0 }, events(1))).rejects.toMatchObject(refused);
    await expect(log.append({ topic: 'topic', partition: 0 }, events(1))).rejects.toMatchObject(refused);
    await log.close();
    const reader = openEventLogReader({ directory });
    expect(await reader.endOffsets('topic')).toEqual([0, 0, 0]);
    await reader.close();
  });

  it('open in this very process is refused, too', async () => {
    const log = openEventLog({ directory });
    expect(() => openEventLog({ directory })).toThrowError(/by this process itself/);
    await log.close();
  });

  it('of another version, kind or program is refused with what it is', async () => {
    await openEventLog({ directory }).close();
    expect(() => openModelStore({ directory })).toThrowError(
      expect.objectContaining({ code: 'storage_incompatible', message: expect.stringContaining('is "event log 1"') }),
    );
    const stamped = async (stamp: string) => {
      const store = open<Buffer, Uint8Array>({
        path: directory,
        keyEncoding: 'binary',
        encoding: 'binary',
        overlappingSync: false,
      });
      await store.put(metaKey('format'), Buffer.from(stamp));
      await store.close();
    };
    await stamped('event log 2');
    for (const attempt of [openEventLog, openEventLogReader]) {
      expect(() => attempt({ directory })).toThrowError(
        expect.objectContaining({
          code: 'storage_incompatible',
          message: expect.stringMatching(/is "event log 2"; this version reads "event log 1": use the version/),
        }),
      );
    }
  });

  it('whose file LMDB would refuse is refused in words', async () => {
    const data = join(directory, 'data.mdb');
    const foreign = { code: 'storage_incompatible', message: expect.stringMatching(/data\.mdb is no event log/) };
    for (const content of ['hello', 'x'.repeat(20_000)]) {
      writeFileSync(data, content);
      for (const attempt of [openEventLog, openEventLogReader]) {
        expect(() => attempt({ directory })).toThrowError(expect.objectContaining(foreign));
      }
    }
    // As it is for a moment while another process makes it.
    writeFileSync(data, '');
    expect(() => openEventLogReader({ directory })).toThrowError(/there is no event log in/);
    await openEventLog({ directory }).close();
    const sound = readFileSync(data);
    writeFileSync(data, sound.subarray(0, 5000));
    expect(() => openEventLog({ directory })).toThrowError(/is cut off after 5000 bytes: restore it/);
    const other = Buffer.from(sound);
    other.writeUInt16LE(1, 28);
    writeFileSync(data, other);
    expect(() => openEventLog({ directory })).toThrowError(
      /has LMDB's format 1, and this version of elastream reads 2/,
    );
  });

  it('that holds nothing cannot be read, and reading does not make it', () => {
    const nowhere = `${directory}/nowhere`;
    expect(() => openEventLogReader({ directory: nowhere })).toThrowError(
      expect.objectContaining({ code: 'input_unreadable', message: `there is no event log in ${nowhere}` }),
    );
  });
});

describe('a full disk', () => {
  it('is said clearly, and what was acknowledged before is all there', async () => {
    const child = startModule(
      `${prelude()}
      for (let batch = 0; ; batch++) {
        const sent = Array.from({ length: 10 }, (_, i) => event('0/' + batch + '/' + i + ' of 10', 5000));
        const both = await Promise.allSettled([0, 1].map((partition) => log.append({ topic: 'topic', partition }, sent)));
        for (const [partition, { value, reason }] of both.entries()) {
          if (value) say([partition, value[0], ...sent.map(({ id }) => id)].join());
          if (reason) console.error('\\nfailed', partition, reason.code, reason.message);
        }
        if (both.some(({ status }) => status === 'rejected')) break;
      }
      await log.append({ topic: 'topic', partition: 2 }, [event('after')]).catch(({ code }) => console.error('again', code));
      console.error('read', (await log.endOffsets('topic'))[0]);
      await log.close();
    `,
      { fileBlocksMax: 1500 },
    );
    expect((await child.ended).code, child.stderr()).toBe(0);
    const lines = child.stdout().trim().split('\n');
    expect(lines.length).toBeGreaterThan(5);
    const [first, second, again, read] = child
      .stderr()
      .split('\n')
      // LMDB itself writes to standard error, too.
      .filter((line) => /^(failed|again|read) /.test(line));
    expect(first).toMatch(
      /^failed 0 storage_unwritable the disk of .* is full or failing \(File too large; \d+ MiB free\).*make room and start again$/,
    );
    expect(second).toMatch(/^failed 1 storage_unwritable/);
    expect(again).toBe('again storage_unwritable');
    expect(read).toBe(`read ${(lines.length / 2) * 10}`);
    const log = openEventLog({ directory });
    await checkLog(log, lines);
    await log.append({ topic: 'topic', partition: 2 }, [event('room again')]);
    await log.close();
  });
});

describe('a group', () => {
  it('goes on after kill -9 with what was not committed', async () => {
    const log = openEventLog({ directory });
    await log.declare([TOPIC]);
    await log.append({ topic: 'topic', partition: 0 }, events(50));
    await log.close();
    const child = startModule(`${prelude()}
      await log.join({ group: 'g', topics: ['topic'], batchRecordsMax: 10, onBatch: async ({ records }) => {
        if (records[0].id === 'e30') { say('at e30'); await new Promise((resolve) => setTimeout(resolve, 60_000)); }
      } });
    `);
    await eventually(() => child.stdout().includes('at e30'));
    child.process.kill('SIGKILL');
    await child.ended;
    const again = openEventLog({ directory });
    expect(await again.committedOffsets('g', 'topic')).toEqual([30, 0, 0]);
    const seen: string[] = [];
    const onBatch = async (batch: EventBatch) => {
      seen.push(...idsOf([batch]));
    };
    const consumer = await again.join({ group: 'g', topics: ['topic'], onBatch });
    await eventually(() => seen.length === 20);
    expect(seen).toEqual(ids(50).slice(30));
    await consumer.stop();
    await again.close();
  });
});
