/**
 * The layers of the design as named rules; each comment says what to do about a violation.
 * test/layers.test.ts proves that every rule bites.
 *
 *   model <- kernels <- featurizers <- learning <- protocol, campaign-file; formats -> model; ports -> model;
 *   runtime -> ports, learning, featurizers, protocol; reading -> runtime, protocol, learning, featurizers, ports;
 *   calculations -> model, kernels, formats, ports; text -> reading, formats and what these know;
 *   report -> model, kernels, featurizers, learning, and histories; adapters -> ports, protocol, formats, model;
 *   handlers (services/<name>) -> report, reading, runtime, protocol, campaign-file, learning, featurizers, ports.
 *   Only a main names adapters.
 */
const MAIN = '^(src/cli/main|services/[^/]+/main)[.]ts$';
/** Started with `new Worker(new URL(...))`, which no import shows: a main of its own thread. */
const WORKER = '-worker[.]ts$';
/** An adapter stands as soon as its port's suite passes, before a service is wired to it. */
const ADAPTER_SUITE = '^test/adapters/.+[.]test[.]ts$';
const PURE = '^src/(model|kernels|formats|featurizers|learning|calculations|report|text)/';
/** Hashing by OpenSSL gives the bits of any other SHA-256, faster: the one thing that pure code has from Node. */
const SHA256 = '^src/model/sha256[.]ts$';
/** Space groups come as tables of a library that is made for them, compiled to WebAssembly: the same bits everywhere. */
const SPACE_GROUPS = '^src/formats/cif/space-group-operations[.]ts$';
/** The one wait that a signal ends, and where a directory's sockets are: neither is a technology that is exchanged. */
const OF_THE_MACHINE = '^src/adapters/(in-process/system-clock|unix-socket/socket-path)[.]ts$';
/** How any log hands its events to handlers: of no technology. */
const DELIVERY = '^src/adapters/delivery/';
/** Observable Plot draws the charts, on a document of xmldom's where there is no browser. */
const CHARTS = '^src/report/charts/';
const OURS = '^(src|services)/';
/** The services that run in one process: it joins the handlers, and names no adapter. */
const EMBEDDED = '^services/embedded/';
/** What the mains of all services share: configuration, adapters, the run loop. */
const WIRING = '^services/wiring/';

const place = (path) => (path.endsWith('$') ? path : `${path}/`);

/** `layer` may import itself and `allowed`, and of our own code nothing else. */
function layer(name, allowed, advice) {
  return {
    name: `${name}-layer`,
    severity: 'error',
    comment: advice,
    from: { path: `^src/${name}/` },
    to: { path: OURS, pathNot: `^src/(${[name, ...allowed].map(place).join('|')})` },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    layer(
      'model',
      [],
      'The model is the ground that all else stands on. Move what it needs into src/model, or move this code up a layer.',
    ),
    layer(
      'kernels',
      ['model'],
      'A kernel is numerics on typed arrays. Pass in the numbers that it needs, or move this code to src/featurizers.',
    ),
    layer(
      'formats',
      ['model'],
      'A format is a pure parser: text in, model or rejection out. Leave opening and reading to src/adapters/sources.',
    ),
    layer(
      'featurizers',
      ['model', 'kernels'],
      'A featurizer knows structures and kernels only. Let its caller hand in what comes from elsewhere.',
    ),
    layer(
      'learning',
      ['model', 'kernels', 'featurizers'],
      'A decider is pure: return the wanted effect as a value (event, command), and let src/runtime perform it.',
    ),
    layer(
      'calculations',
      ['model', 'kernels', 'formats', 'ports'],
      'A simulation code decides which program to run next, from outputs alone. Let an adapter read the files, and pass them in.',
    ),
    layer(
      'protocol',
      ['model', 'featurizers', 'learning'],
      'The protocol turns messages into what the pure layers know, and back. Leave what to do with them to a handler, and how they travel to an adapter.',
    ),
    layer(
      'campaign-file',
      ['model', 'featurizers', 'learning'],
      'The campaign file is text that becomes a configuration. Leave reading it to a command, and what follows from it to a handler.',
    ),
    layer(
      'ports',
      ['model'],
      "A port speaks the domain's words. Describe what it exchanges by types in src/model, not by an adapter's types.",
    ),
    layer(
      'runtime',
      ['model', 'featurizers', 'ports', 'learning', 'protocol'],
      'The service loop is the same for every service and technology. Take the handler or the adapter as a parameter.',
    ),
    layer(
      'reading',
      ['model', 'kernels', 'featurizers', 'ports', 'learning', 'protocol', 'runtime'],
      'The read side makes states of the log, and writes nothing. Leave what follows from them to a handler or a command.',
    ),
    layer(
      'report',
      ['model', 'kernels', 'featurizers', 'learning', 'reading/campaign-history[.]ts$'],
      'A report is a page made of numbers. Let its caller read log and models, and hand in what they hold.',
    ),
    layer(
      'text',
      ['model', 'kernels', 'formats', 'featurizers', 'learning', 'reading'],
      'A text says what its numbers say. Let the command read them, and write the text where it belongs.',
    ),
    layer(
      'adapters',
      ['model', 'formats', 'ports', 'protocol'],
      'An adapter translates between a technology and a port. Move the decision that it takes into a pure layer, and let ' +
        'the main that wires it pass the result in.',
    ),
    {
      name: 'one-technology-per-adapter',
      severity: 'error',
      comment:
        'Adapters are exchanged one by one, so none may lean on another. Move what both need to src/model, or let the main join them.',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: ['^src/adapters/$1/', DELIVERY, OF_THE_MACHINE] },
    },
    {
      name: 'ports-are-types',
      severity: 'error',
      comment: 'src/ports holds types only. Use `import type`; a value that you need from there belongs in src/model.',
      from: {},
      to: { path: '^src/ports/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'handler-layer',
      severity: 'error',
      comment:
        'A handler runs in any mode, so it sees ports and never adapters, mains or another service. Take the port as a parameter and wire it in main.ts.',
      from: { path: '^services/([^/]+)/', pathNot: [MAIN, EMBEDDED, WIRING] },
      to: {
        path: OURS,
        pathNot:
          '^(src/(model|featurizers|learning|campaign-file|ports|protocol|runtime|reading|report)/|services/$1/)',
      },
    },
    {
      name: 'embedded-joins-handlers',
      severity: 'error',
      comment:
        'services/embedded only starts the handlers of the other services side by side. Move logic into a handler, and let the main create adapters.',
      from: { path: EMBEDDED, pathNot: MAIN },
      to: { path: OURS, pathNot: '^(src/(model|ports|protocol|runtime)/|services/)' },
    },
    {
      name: 'wiring-knows-no-handler',
      severity: 'error',
      comment:
        'services/wiring is the same for all services. Start the handler in its own main.ts, and pass in what it needs.',
      from: { path: WIRING },
      to: { path: '^services/', pathNot: WIRING },
    },
    {
      name: 'only-mains-are-wired',
      severity: 'error',
      comment: 'services/wiring opens adapters, which a handler must not see. Take a port as a parameter instead.',
      from: { path: OURS, pathNot: ['^src/cli/', MAIN, WIRING] },
      to: { path: WIRING },
    },
    {
      name: 'only-a-main-names-adapters',
      severity: 'error',
      comment:
        'Take the port (src/ports) as a parameter; a main or a command of src/cli creates the adapter and passes it in.',
      from: { path: OURS, pathNot: ['^src/(adapters|cli)/', MAIN, WIRING] },
      to: { path: '^src/adapters/' },
    },
    {
      name: 'not-to-main',
      severity: 'error',
      comment: 'Importing a main or a worker starts it. Move what you need into a module that the main imports too.',
      from: {},
      to: { path: [MAIN, WORKER] },
    },
    {
      name: 'not-to-cli',
      severity: 'error',
      comment: 'Commands are mains: they use everything, and nothing uses them. Move the shared part below src/cli.',
      from: { path: '^(src|services|bench)/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'pure-without-node',
      severity: 'error',
      comment:
        'Pure code reads no file, clock, environment or network, so that a replay gives the same bits. Take the bytes or the number as a parameter.',
      from: { path: PURE, pathNot: [SHA256, SPACE_GROUPS] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'sha256-has-crypto-alone',
      severity: 'error',
      comment:
        'src/model/sha256.ts may ask Node for a digest and for nothing else. Put what needs more of Node into an adapter.',
      from: { path: SHA256 },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'pure-without-packages',
      severity: 'error',
      comment:
        'Pure code depends on no package, so that its results change only by our own commits. Write it in src/kernels, or call the package from an adapter.',
      from: { path: PURE, pathNot: [SPACE_GROUPS, CHARTS] },
      to: { path: 'node_modules/' },
    },
    {
      name: 'charts-have-plot-alone',
      severity: 'error',
      comment:
        'A chart is drawn by Observable Plot, so that all look and export alike. Draw it with Plot, or compute what it shows in src/report/model.',
      from: { path: CHARTS },
      to: { path: 'node_modules/', pathNot: 'node_modules/(@observablehq/plot|@xmldom/xmldom)/' },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      comment:
        'Modules in a cycle can only be understood together. Move what both need into a third module below them.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-dead-module',
      severity: 'error',
      comment: 'Neither a main nor the tests of an adapter reach this module. Use it or remove it; Git remembers it.',
      from: { path: [MAIN, WORKER, ADAPTER_SUITE] },
      to: { path: OURS, pathNot: [MAIN, WORKER], reachable: false },
    },
    {
      name: 'no-orphan',
      severity: 'error',
      comment: 'Nothing imports this module and it imports nothing. Use it or remove it.',
      from: { orphan: true, pathNot: ['^[.]', '[.]config[.]ts$', '^test/fixtures/'] },
      to: {},
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'There is no such module. Mend the path (it ends in .ts), or add the package to package.json.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'not-to-dev-dependency',
      severity: 'error',
      comment:
        'An installation without development packages would break. Move the package to "dependencies" in package.json.',
      from: { path: OURS },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'not-to-unlisted-package',
      severity: 'error',
      comment:
        'This package is there by accident, as a dependency of another. Add it to package.json, or do without it.',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'not-to-test',
      severity: 'error',
      comment: 'What ships may not need what does not. Move the shared part into src; bench may use test/support.',
      from: { path: OURS },
      to: { path: '^test/' },
    },
    {
      name: 'deploy-needs-no-test',
      severity: 'error',
      comment: 'Who starts a cluster has no tests. Move what deploy/ needs there; tests may import it.',
      from: { path: '^deploy/' },
      to: { path: '^(test|bench|tools)/' },
    },
    {
      name: 'not-to-deploy',
      severity: 'error',
      comment: 'A program does not know where it runs. Take the address as a setting.',
      from: { path: OURS },
      to: { path: '^deploy/' },
    },
    {
      name: 'not-to-bench',
      severity: 'error',
      comment: 'Benchmarks are ends, not parts. Move the shared part into src or test/support.',
      from: { pathNot: '^bench/' },
      to: { path: '^bench/' },
    },
    {
      name: 'not-to-spec',
      severity: 'error',
      comment: 'Importing a test runs it. Move the shared part to test/support or test/contract.',
      from: {},
      to: { path: '[.]test[.]ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage|[.]git|[.]cache)/' },
    moduleSystems: ['es6'],
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'types', 'default'], exportsFields: ['exports'] },
  },
};
