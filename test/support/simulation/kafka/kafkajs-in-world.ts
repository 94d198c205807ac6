import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import type { Kafka, KafkaConfig } from 'kafkajs';
import type { SeededRandom } from '../seeded-random.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { type BrokerNetwork, createConnectionClass, type KafkaJsErrors } from './simulated-connection.ts';

/** A private copy of the unchanged kafkajs, except that its clock, randomness and sockets belong to the world. */
export interface KafkaJsInWorld {
  client(config: KafkaConfig): Kafka;
}

type Evaluate = (...globals: unknown[]) => void;
interface Definition {
  protocol(version: object): (params: object) => object;
}

const GLOBALS = ['exports', 'require', 'module', 'setTimeout', 'clearTimeout', 'setInterval', 'Date', 'Math'];
const ROOT = dirname(createRequire(import.meta.url).resolve('kafkajs/package.json'));
const CONNECTION = join(ROOT, 'src/network/connection.js');
/** Cached by file: reading and compiling once per process is enough. */
const compiled = new Map<string, Evaluate>();
const resolved = new Map<string, string>();

export function loadKafkaJs(clock: VirtualClock, random: SeededRandom, network: BrokerNetwork): KafkaJsInWorld {
  const timers = virtualTimers(clock);
  class VirtualDate extends Date {
    static override now(): number {
      return clock.now();
    }
  }
  const chance = Object.assign(Object.create(Math), { random: random.uniform });
  const modules = new Map<string, { exports: unknown }>();

  function load(file: string): unknown {
    const known = modules.get(file);
    if (known) return known.exports;
    const module = { exports: {} as unknown };
    modules.set(file, module);
    if (file === CONNECTION) {
      const errors = load(join(ROOT, 'src/errors.js')) as KafkaJsErrors;
      module.exports = createConnectionClass(clock, network, errors);
    } else {
      const globals = [module.exports, requireFrom(file), module, ...timers, VirtualDate, chance];
      evaluation(file)(...globals);
    }
    return module.exports;
  }

  function requireFrom(file: string): (name: string) => unknown {
    const native = createRequire(file);
    return (name) => {
      if (isBuiltin(name)) return native(name);
      const key = `${file} ${name}`;
      const path = resolved.get(key) ?? native.resolve(name);
      resolved.set(key, path);
      return path.startsWith(join(ROOT, 'src')) ? load(path) : native(name);
    };
  }

  tellParameters(load(join(ROOT, 'src/protocol/requests/index.js')) as { requests: Record<string, Definition> });
  const Client = load(join(ROOT, 'src/index.js')) as new (config: KafkaConfig) => Kafka;
  return { client: (config) => new Client(config) };
}

/** Attaches the original parameters to each request, so that the simulated brokers need not decode bytes. */
function tellParameters({ requests }: { requests: Record<string, Definition> }): void {
  for (const definition of Object.values(requests)) {
    const { protocol } = definition;
    definition.protocol = (version) => {
      const create = protocol(version);
      return (params = {}) => ({ ...create(params), params });
    };
  }
}

function evaluation(file: string): Evaluate {
  const found = compiled.get(file);
  if (found) return found;
  const evaluate = compileFunction(readFileSync(file, 'utf8'), GLOBALS, { filename: file }) as Evaluate;
  compiled.set(file, evaluate);
  return evaluate;
}

/** `setTimeout`, `clearTimeout`, and a `setInterval` that must not be used. */
function virtualTimers(clock: VirtualClock): unknown[] {
  const setTimeout = (action: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const cancelled = new AbortController();
    void clock.sleep(ms, cancelled.signal).then(() => cancelled.signal.aborted || action(...args));
    return cancelled;
  };
  const setInterval = () => {
    throw new Error('nothing in kafkajs above its connections works at intervals');
  };
  return [setTimeout, (timer?: AbortController | null) => timer?.abort(), setInterval];
}
