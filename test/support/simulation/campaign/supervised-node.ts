import { AppError } from '../../../../src/model/app-error.ts';
import type { Service } from '../../../../src/runtime/service.ts';
import type { Interruption } from './campaign-plan.ts';
import { startNode } from './simulated-services.ts';
import type { Stage } from './stage.ts';

/** A node that is restarted whenever it ends. */
export interface SupervisedNode {
  interrupt(interruption: Omit<Interruption, 'node' | 'atMs'>): void;
  /** Stops it for ever. */
  stop(): Promise<void>;
}

const RESTART_MS = 5_000;
/** A node that needs longer to stop, once it has started, is killed by its supervisor: an outage may hold up a start. */
const STOP_MS_MAX = 10 * 60_000;
/** The time for which the others consider a dead shard alive. */
const REGISTRY_MS = 15_000;

export function superviseNode(stage: Stage, name: string): SupervisedNode {
  const { world, failures, violations } = stage;
  const node = world.node(name);
  const upgradedAt = world.clock.now() + (stage.plan.versions?.upgrades[name] ?? Number.POSITIVE_INFINITY);
  let lives = 0;
  let up = false;
  let starting: Promise<Service>;

  function begin(): void {
    const life = ++lives;
    up = true;
    const who = `${name}#${life}`;
    starting = startNode({ stage, name, who, ports: node.ports(), isNewer: upgradedAt <= world.clock.now() });
    starting
      .then((service) => service.failed)
      .catch((error) => {
        // A failure of a stopped node does not count.
        if (life === lives) fail(who, error);
      });
  }

  function fail(who: string, error: unknown): void {
    failures.push(`${who}: ${error}`);
    const lasting = error instanceof AppError && error.retryable;
    if (!lasting && !isOfDamage(error))
      violations.push(`(5) ${who} ended: ${error instanceof Error ? error.stack : error}`);
    end();
    again(RESTART_MS);
  }

  function isOfDamage(error: unknown): boolean {
    if (!(error instanceof AppError && error.code === 'storage_corrupt')) return false;
    return stage.damaged.some((place) => error.message.startsWith(`${place}: `));
  }

  function end(): void {
    lives++;
    up = false;
    node.crash();
    const shard = stage.shards.get(name);
    stage.acquisitions.delete(name);
    void world.clock.sleep(REGISTRY_MS).then(() => {
      if (stage.shards.get(name) === shard) stage.shards.delete(name);
    });
  }

  function again(afterMs: number): void {
    const ended = lives;
    void world.clock.sleep(afterMs).then(() => {
      if (ended !== lives) return;
      node.restart();
      begin();
    });
  }

  async function stop(): Promise<void> {
    if (!up) return;
    up = false;
    const who = `${name}#${lives++}`;
    const outcome = await starting.then(
      (service) => {
        const stopping = service.stop().catch((error) => `fails: ${error}`);
        return Promise.race([stopping, world.clock.sleep(STOP_MS_MAX).then(() => 'too late')]);
      },
      // The node was about to end by itself.
      () => undefined,
    );
    if (outcome !== undefined) violations.push(`(5) ${who} does not stop well: ${outcome}`);
    end();
  }

  begin();
  return {
    stop,
    interrupt({ kind, downMs }) {
      if (!up) return;
      if (kind === 'crash') end();
      void (kind === 'crash' ? Promise.resolve() : stop()).then(() => again(downMs));
    },
  };
}
