import type { VirtualClock } from '../virtual-clock.ts';
import type { BrokerError } from './broker-errors.ts';

/*
 * Kafka's classic group protocol, as coordinators implement it:
 * 1. A rebalance ends when all members have joined, or after the longest of their rebalance timeouts; a member that has
 *    not joined by then is removed.
 * 2. A member without a sign of life for its session timeout is removed. Joining, and waiting to join, count as signs
 *    of life.
 * 3. A commit or heartbeat of another generation, or of an unknown member, is refused.
 */

export interface JoinRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly sessionTimeout: number;
  readonly rebalanceTimeout: number;
  readonly groupProtocols: readonly { readonly name: string; readonly metadata: Buffer }[];
}

interface JoinResponse {
  readonly error: BrokerError;
  readonly memberId: string;
  readonly generationId: number;
  readonly leaderId: string;
  readonly groupProtocol: string;
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
}

interface SyncResponse {
  readonly error: BrokerError;
  readonly memberAssignment: Buffer;
}

export interface GroupParts {
  readonly clock: VirtualClock;
  newMemberId(): string;
  /** Makes the leader's decision durable. */
  persist(): Promise<BrokerError>;
  /** A member was declared dead. */
  onExpelled(memberId: string): void;
}

export interface SimulatedGroup {
  join(request: JoinRequest): Promise<JoinResponse>;
  sync(memberId: string, generation: number, assignments: ReadonlyMap<string, Buffer>): Promise<SyncResponse>;
  heartbeat(memberId: string, generation: number): BrokerError;
  leave(memberId: string): BrokerError;
  /** Whether a commit may be accepted now. */
  mayCommit(memberId: string, generation: number): BrokerError;
  /** The coordinator has moved: waiting requests are refused; members have a session timeout to find the new one. */
  move(): void;
  members(): readonly string[];
}

interface Member {
  readonly id: string;
  protocols: JoinRequest['groupProtocols'];
  sessionMs: number;
  rebalanceMs: number;
  assignment: Buffer;
  joining?: (response: JoinResponse) => void;
  syncing?: (response: SyncResponse) => void;
  heard: number;
}

const SESSION_MS = { min: 6000, max: 1_800_000 };
const NO_BYTES = Buffer.alloc(0);
const refusedJoin = (error: BrokerError, memberId = ''): JoinResponse => {
  return { error, memberId, generationId: -1, leaderId: '', groupProtocol: '', members: [] };
};

export function createSimulatedGroup(parts: GroupParts): SimulatedGroup {
  const { clock } = parts;
  const members = new Map<string, Member>();
  /** The ids that were given out and not used yet. */
  const pending = new Set<string>();
  let state: 'empty' | 'preparing' | 'completing' | 'stable' = 'empty';
  let generation = 0;
  let leaderId = '';
  let rebalance = 0;

  /** 2. One watch per member; it continues to sleep if the member gave a sign of life meanwhile. */
  async function watch(member: Member): Promise<void> {
    for (;;) {
      const left = member.heard + member.sessionMs - clock.now();
      if (members.get(member.id) !== member) return;
      if (left <= 0 && !member.joining) break;
      await clock.sleep(left > 0 ? left : member.sessionMs);
    }
    parts.onExpelled(member.id);
    remove(member);
  }

  function remove(member: Member): void {
    members.delete(member.id);
    member.joining?.(refusedJoin('UNKNOWN_MEMBER_ID'));
    member.syncing?.({ error: 'UNKNOWN_MEMBER_ID', memberAssignment: NO_BYTES });
    if (state === 'preparing') maybeComplete();
    else if (members.size === 0) state = 'empty';
    else prepare();
  }

  function prepare(): void {
    for (const member of members.values())
      answerSync(member, { error: 'REBALANCE_IN_PROGRESS', memberAssignment: NO_BYTES });
    state = 'preparing';
    const begun = ++rebalance;
    const ms = Math.max(...[...members.values()].map(({ rebalanceMs }) => rebalanceMs));
    void clock.sleep(ms).then(() => {
      if (state === 'preparing' && rebalance === begun) complete();
    });
    maybeComplete();
  }

  function maybeComplete(): void {
    const all = [...members.values()];
    if (state === 'preparing' && pending.size === 0 && all.every(({ joining }) => joining)) complete();
  }

  /** Ensures rule 1. */
  function complete(): void {
    for (const member of members.values()) if (!member.joining) members.delete(member.id);
    generation++;
    const all = [...members.values()];
    if (all.length === 0) {
      state = 'empty';
      return;
    }
    state = 'completing';
    if (!members.has(leaderId)) leaderId = all[0]!.id;
    for (const member of all) {
      member.heard = clock.now();
      answerJoin(member);
    }
    // A member that does not fetch its assignment delays the others at most this long.
    const begun = generation;
    void clock.sleep(Math.max(...all.map(({ rebalanceMs }) => rebalanceMs))).then(() => {
      if (state !== 'completing' || generation !== begun) return;
      for (const member of members.values()) if (!member.syncing) members.delete(member.id);
      if (members.size === 0) state = 'empty';
      else prepare();
    });
  }

  function answerJoin(member: Member): void {
    const answer = member.joining;
    delete member.joining;
    answer?.(joinResponse(member));
  }

  function joinResponse({ id }: Member): JoinResponse {
    const protocol = chosenProtocol();
    const metadata = (one: Member) => one.protocols.find(({ name }) => name === protocol)!.metadata;
    const all = id === leaderId ? [...members.values()] : [];
    return {
      error: 'NONE',
      memberId: id,
      generationId: generation,
      leaderId,
      groupProtocol: protocol,
      members: all.map((one) => ({ memberId: one.id, memberMetadata: metadata(one) })),
    };
  }

  function chosenProtocol(): string {
    const all = [...members.values()];
    return all[0]!.protocols.find(({ name }) => all.every(supports(name)))!.name;
  }

  function answerSync(member: Member, response: SyncResponse): void {
    const answer = member.syncing;
    delete member.syncing;
    answer?.(response);
  }

  function enter(member: Member, request: JoinRequest): Promise<JoinResponse> {
    member.protocols = request.groupProtocols;
    [member.sessionMs, member.rebalanceMs] = [request.sessionTimeout, request.rebalanceTimeout];
    member.heard = clock.now();
    // An earlier join of the same member, still waiting over a lost connection, is refused.
    member.joining?.(refusedJoin('REBALANCE_IN_PROGRESS'));
    const joined = new Promise<JoinResponse>((resolve) => {
      member.joining = resolve;
    });
    if (state === 'preparing') maybeComplete();
    else prepare();
    return joined;
  }

  async function join(request: JoinRequest): Promise<JoinResponse> {
    const { memberId, sessionTimeout, groupProtocols } = request;
    if (sessionTimeout < SESSION_MS.min || sessionTimeout > SESSION_MS.max)
      return refusedJoin('INVALID_SESSION_TIMEOUT');
    const fits = members.size === 0 || groupProtocols.some(({ name }) => [...members.values()].every(supports(name)));
    if (!fits) return refusedJoin('INCONSISTENT_GROUP_PROTOCOL');
    if (memberId === '') {
      const id = parts.newMemberId();
      pending.add(id);
      void clock.sleep(sessionTimeout).then(() => {
        if (pending.delete(id)) maybeComplete();
      });
      return refusedJoin('MEMBER_ID_REQUIRED', id);
    }
    const known = members.get(memberId);
    if (!known && !pending.delete(memberId)) return refusedJoin('UNKNOWN_MEMBER_ID', memberId);
    if (known && state !== 'preparing' && !mustRebalance(known, request)) {
      known.heard = clock.now();
      return joinResponse(known);
    }
    const member = known ?? newMember(request);
    if (!known) {
      members.set(memberId, member);
      void watch(member);
    }
    return enter(member, request);
  }

  /** A member that lost its answer gets it again. One with changed protocols, and the leader, start a rebalance. */
  function mustRebalance(member: Member, { groupProtocols }: JoinRequest): boolean {
    if (state === 'stable' && member.id === leaderId) return true;
    return !sameProtocols(member.protocols, groupProtocols);
  }

  function newMember({ memberId: id, groupProtocols, sessionTimeout, rebalanceTimeout }: JoinRequest): Member {
    const times = { sessionMs: sessionTimeout, rebalanceMs: rebalanceTimeout, heard: clock.now() };
    return { id, protocols: groupProtocols, ...times, assignment: NO_BYTES };
  }

  async function sync(memberId: string, of: number, assignments: ReadonlyMap<string, Buffer>): Promise<SyncResponse> {
    const refused = (error: BrokerError): SyncResponse => ({ error, memberAssignment: NO_BYTES });
    const member = members.get(memberId);
    if (!member || state === 'empty') return refused('UNKNOWN_MEMBER_ID');
    if (of !== generation) return refused('ILLEGAL_GENERATION');
    if (state === 'preparing') return refused('REBALANCE_IN_PROGRESS');
    member.heard = clock.now();
    if (state === 'stable') return { error: 'NONE', memberAssignment: member.assignment };
    const synced = new Promise<SyncResponse>((resolve) => {
      member.syncing = resolve;
    });
    if (memberId === leaderId) await decide(assignments);
    return synced;
  }

  async function decide(assignments: ReadonlyMap<string, Buffer>): Promise<void> {
    const begun = generation;
    const error = await parts.persist();
    if (state !== 'completing' || generation !== begun) return;
    if (error !== 'NONE') return prepare();
    state = 'stable';
    for (const member of members.values()) {
      member.assignment = assignments.get(member.id) ?? NO_BYTES;
      member.heard = clock.now();
      answerSync(member, { error: 'NONE', memberAssignment: member.assignment });
    }
  }

  /** Ensures rule 3. */
  function known(memberId: string, of: number): Member | BrokerError {
    const member = members.get(memberId);
    if (!member) return 'UNKNOWN_MEMBER_ID';
    return of === generation ? member : 'ILLEGAL_GENERATION';
  }

  return {
    join,
    sync,
    heartbeat(memberId, of) {
      const member = known(memberId, of);
      if (typeof member === 'string') return member;
      member.heard = clock.now();
      return state === 'preparing' ? 'REBALANCE_IN_PROGRESS' : 'NONE';
    },
    leave(memberId) {
      const member = members.get(memberId);
      if (member) remove(member);
      else if (!pending.delete(memberId)) return 'UNKNOWN_MEMBER_ID';
      else maybeComplete();
      return 'NONE';
    },
    mayCommit(memberId, of) {
      const member = known(memberId, of);
      if (typeof member === 'string') return member;
      if (state === 'completing') return 'REBALANCE_IN_PROGRESS';
      member.heard = clock.now();
      return 'NONE';
    },
    move() {
      pending.clear();
      for (const member of members.values()) {
        member.joining?.(refusedJoin('NOT_COORDINATOR_FOR_GROUP'));
        delete member.joining;
        answerSync(member, { error: 'NOT_COORDINATOR_FOR_GROUP', memberAssignment: NO_BYTES });
        member.heard = clock.now();
      }
      // The new coordinator knows the group as it was when it was last complete.
      if (members.size === 0) state = 'empty';
      else if (state !== 'stable') prepare();
    },
    members: () => [...members.keys()],
  };
}

function supports(name: string): (member: Member) => boolean {
  return ({ protocols }) => protocols.some((one) => one.name === name);
}

function sameProtocols(a: JoinRequest['groupProtocols'], b: JoinRequest['groupProtocols']): boolean {
  return (
    a.length === b.length && a.every(({ name, metadata }, i) => name === b[i]!.name && metadata.equals(b[i]!.metadata))
  );
}
