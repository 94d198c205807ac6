import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openMaterialsProject } from '../../../../src/adapters/sources/paged/materials-project.ts';
import { openOptimade } from '../../../../src/adapters/sources/paged/optimade.ts';
import type { MaterialSource } from '../../../../src/ports/material-source.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

type Answer = (url: URL, request: IncomingMessage, reply: ServerResponse) => unknown;

/** A peer that answers JSON; `undefined` means that the handler has replied. */
async function peer(answer: Answer): Promise<string> {
  const server = createServer((request, reply) => {
    const value = answer(new URL(request.url!, 'http://peer'), request, reply);
    if (value !== undefined) reply.end(typeof value === 'string' ? value : JSON.stringify(value));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Keeps account of the waits. */
function waits() {
  const asked: number[] = [];
  return { asked, clock: { sleep: async (ms: number) => void asked.push(ms) } };
}

async function read(source: MaterialSource): Promise<string[]> {
  const said: string[] = [];
  for await (const item of source.read()) {
    if (item.kind === 'rejection')
      said.push(`${item.rejection.materialId ?? item.rejection.locator} ${item.rejection.code}`);
    else said.push(`${item.material.id} ${item.label?.values.g_vrh ?? '-'}`);
  }
  return said;
}

const CUBE = [
  [4, 0, 0],
  [0, 4, 0],
  [0, 0, 4],
];
const document = (i: number, more: object = {}) => ({
  material_id: `mp-${i}`,
  structure: { lattice: { matrix: CUBE }, sites: [{ species: [{ element: 'Na', occu: 1 }], abc: [0, 0, 0] }] },
  bulk_modulus: { voigt: 12, reuss: 10, vrh: 11 },
  shear_modulus: { voigt: 6, reuss: 4, vrh: 5 },
  ...more,
});

/** The Materials Project with so many documents, as `_skip` and `_limit` ask for them. */
const project =
  (documents: readonly unknown[]): Answer =>
  (url, request, reply) => {
    if (request.headers['x-api-key'] !== 'secret') {
      reply.statusCode = 401;
      return { message: 'Invalid authentication credentials' };
    }
    const [skip, limit] = ['_skip', '_limit'].map((name) => Number(url.searchParams.get(name)));
    return { data: documents.slice(skip, skip! + limit!), meta: { api_version: '0.84', total_doc: documents.length } };
  };

describe('the Materials Project', () => {
  const open = (
    endpoint: string,
    clock = waits().clock,
    query = 'summary?elements=Na',
    apiKey: string | undefined = 'secret',
  ) => openMaterialsProject(query, { apiKey, endpoint, clock });

  it('is read page by page, each document once, a bad one as a rejection', async () => {
    const documents = Array.from({ length: 1_201 }, (_, i) => document(i, i === 700 ? { structure: null } : {}));
    const paths: string[] = [];
    const endpoint = await peer((...call) => {
      paths.push(`${call[0].pathname} ${call[0].searchParams.get('_skip')} ${call[0].searchParams.get('elements')}`);
      return project(documents)(...call);
    });
    const said = await read(open(endpoint));
    expect(said).toHaveLength(1_201);
    expect(said.filter((one) => !one.endsWith(' 5'))).toEqual([expect.stringMatching(/^mp-700 /)]);
    expect(paths).toEqual([0, 500, 1000].map((skip) => `/materials/summary/ ${skip} Na`));
  });

  it('is asked again when it says so, and a broken page too', async () => {
    let call = 0;
    const endpoint = await peer((url, request, reply) => {
      call++;
      if (call === 1) {
        reply.statusCode = 429;
        reply.setHeader('Retry-After', '7');
        return '';
      }
      if (call === 2) return '{"data": [';
      if (call === 3) {
        reply.statusCode = 503;
        return 'busy';
      }
      if (call === 4) return void request.socket.destroy();
      return project([document(1)])(url, request, reply);
    });
    const { asked, clock } = waits();
    expect(await read(open(endpoint, clock))).toEqual(['mp-1 5']);
    expect(asked).toEqual([7_000, 2_000, 4_000, 8_000]);
  });

  it.each<[string, Answer, RegExp]>([
    ['a wrong key', project([]), /answers 401: put a valid key into MP_API_KEY \(\{"message"/],
    [
      '429 for ever',
      (_, __, reply) => {
        reply.statusCode = 429;
        return '';
      },
      /answers 429, 6 times: try again later/,
    ],
    [
      'a wait of an hour',
      (_, __, reply) => {
        reply.statusCode = 429;
        reply.setHeader('Retry-After', '3600');
        return '';
      },
      /asks to wait 3600 s: try again then/,
    ],
    ['a page without data', () => ({ detail: 'x' }), /the page from 0 on has no list data/],
    [
      'a redirection elsewhere',
      (_, __, reply) => {
        reply.statusCode = 302;
        reply.setHeader('Location', 'http://127.0.0.1:1/');
        return '';
      },
      /answers 302: correct the query/,
    ],
  ])('gives up with a reason on %s', async (name, answer, message) => {
    const endpoint = await peer(answer);
    const key = name === 'a wrong key' ? 'wrong' : 'secret';
    await expect(read(open(endpoint, waits().clock, 'elasticity', key))).rejects.toThrow(message);
  });

  it('says what is wrong with a query', () => {
    expect(() => open('http://127.0.0.1:1', waits().clock, 'tasks')).toThrow('give one of summary, elasticity');
    expect(() => open('http://127.0.0.1:1', waits().clock, 'summary?_limit=9')).toThrow('leave out _limit');
    expect(() => openMaterialsProject('summary', { apiKey: undefined, clock: waits().clock })).toThrow('MP_API_KEY');
  });
});

const entry = (i: number, more: object = {}) => ({
  id: `x-${i}`,
  type: 'structures',
  attributes: {
    ...{ lattice_vectors: CUBE, cartesian_site_positions: [[0, 0, 0]], species_at_sites: ['Na1'] },
    ...{ species: [{ name: 'Na1', chemical_symbols: ['Na'], concentration: [1] }], dimension_types: [1, 1, 1] },
    ...{ _x_g_vrh: 5, _x_k_vrh: 11 },
    ...more,
  },
});

/** A provider with pages of two. */
const provider =
  (entries: readonly unknown[], version = '1.1.0'): Answer =>
  (url) => {
    const meta = { api_version: version, more_data_available: false };
    if (url.pathname.endsWith('/info')) return { data: {}, meta };
    const at = Number(url.searchParams.get('page_offset') ?? 0);
    url.searchParams.set('page_offset', `${at + 2}`);
    const next = at + 2 < entries.length ? `${url.pathname}${url.search}` : null;
    return { data: entries.slice(at, at + 2), links: { next: at === 0 ? next : next && { href: next } }, meta };
  };

describe('OPTIMADE', () => {
  const open = (address: string) => openOptimade(address, { clock: waits().clock });

  it('follows links.next, as text and as object, and reads what providers add', async () => {
    const asked: string[] = [];
    const bad = [
      entry(3, { species: [{ name: 'Na1', chemical_symbols: ['Na', 'K'], concentration: [0.5, 0.5] }] }),
      entry(4, { dimension_types: [1, 1, 0] }),
      entry(5, { cartesian_site_positions: null }),
      7,
    ];
    const address = await peer((...call) => {
      asked.push(`${call[0].pathname} ${call[0].searchParams.get('filter')}`);
      return provider([entry(1), entry(2, { _x_g_vrh: null, _x_k_vrh: null }), ...bad])(...call);
    });
    expect(await read(open(`${address}/x?filter=elements HAS "Na"`))).toEqual([
      ...['x-1 5', 'x-2 -', 'x-3 partial_occupancy', 'x-4 bad_lattice', 'x-5 missing_field', 'entry 6 bad_syntax'],
    ]);
    expect(asked.slice(1)).toEqual(Array(3).fill('/x/v1/structures elements HAS "Na"'));
  });

  it.each<[string, (url: URL) => unknown, RegExp]>([
    [
      'a page that points to itself',
      (url) => ({ data: [], links: { next: url.pathname + url.search } }),
      /points back to/,
    ],
    [
      'a page that leads elsewhere',
      () => ({ data: [], links: { next: 'http://elsewhere.example/v1/structures' } }),
      /leads to elsewhere\.example/,
    ],
    ['a page without data', () => ({ errors: [] }), /the page 1 has no list data/],
    ['another version', () => ({ meta: { api_version: '2.0.0' } }), /speaks OPTIMADE 2\.0\.0: only v1 is read/],
  ])('ends with a reason at %s', async (name, answer, message) => {
    const address = await peer((url) =>
      url.pathname.endsWith('/info') && name !== 'another version' ? { meta: { api_version: '1.1.0' } } : answer(url),
    );
    await expect(read(open(address))).rejects.toThrow(message);
  });

  it('says what is no address', () => {
    expect(() => open('aflow')).toThrow('is no address');
    expect(() => open('file:///etc/passwd')).toThrow('only http and https');
  });
});
