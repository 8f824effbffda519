/**
 * Who may import whom. The rules follow from the `type:` tag in each project.json, so a new library needs a tag and nothing here.
 * Specs and testing/ folders may also use the testing library and every library's testing entry.
 */
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');

/** What a project of each type may import besides itself. */
const below = {
  core: [],
  contract: ['core'],
  schema: ['core'],
  vault: ['core'],
  adapter: ['vault', 'contract', 'core'],
  view: ['schema', 'contract', 'core'],
  kit: ['adapter', 'vault', 'contract', 'core'],
  service: ['adapter', 'vault', 'view', 'kit', 'contract', 'core'],
  client: ['contract', 'core'],
  app: ['kit', 'client', 'contract', 'core'],
  browser: ['contract'],
  testing: [],
};

const projects = ['libs', 'services'].flatMap((group) =>
  readdirSync(join(root, group))
    .filter((name) => existsSync(join(root, group, name, 'project.json')))
    .map((name) => {
      const { tags } = JSON.parse(readFileSync(join(root, group, name, 'project.json'), 'utf8'));
      const type = tags.find((tag) => tag.startsWith('type:'))?.slice('type:'.length);
      if (!(type in below))
        throw new Error(
          `${group}/${name}/project.json: give it one of the tags ${Object.keys(below)
            .map((each) => `type:${each}`)
            .join(', ')}`,
        );
      return { name, type, path: `${group}/${name}` };
    }),
);

const anyOf = (values) => `(${values.join('|')})`;
const TEST_CODE = '(\\.spec\\.ts$|/testing/)';
const E2E = '\\.e2e\\.spec\\.ts$';
const TESTING_ENTRY = '^libs/[^/]+/src/testing/';
const CONNECTOR_CONFIG = '^libs/connectors/src/(config\\.ts$|config/)';

/** The connectors' configuration schemas, without their code, are open to these. */
const readsConnectorConfig = ['job-scheduler', 'report-api', 'cli', 'audit-streamer'];

function layerRules(project) {
  const forbidden = (alsoAllowed) =>
    projects
      .filter((other) => other !== project && !below[project.type].includes(other.type) && !alsoAllowed.includes(other.type))
      .map((other) => other.path);
  const exempt = readsConnectorConfig.includes(project.name) ? [CONNECTOR_CONFIG] : [];
  return [
    {
      name: `${project.name}-is-${project.type}`,
      comment: `${project.path} is type:${project.type}; it may import ${below[project.type].map((type) => `type:${type}`).join(', ') || 'no other project'}.`,
      severity: 'error',
      from: { path: `^${project.path}/`, pathNot: TEST_CODE },
      to: { path: `^${anyOf(forbidden([]))}/`, pathNot: ['/src/testing/', ...exempt] },
    },
    {
      name: `specs-of-${project.name}`,
      comment: `Specs and testing/ folders of ${project.path} may add the testing library and testing entries, nothing else.`,
      severity: 'error',
      from: { path: `^${project.path}/.*${TEST_CODE}`, pathNot: E2E },
      to: { path: `^${anyOf(forbidden(['testing']))}/`, pathNot: [TESTING_ENTRY, ...exempt] },
    },
  ].filter((rule) => rule.to.path !== '^()/');
}

/** Only the named projects may import this library. */
const reserved = (library, importers, { open = [] } = {}) => ({
  name: `only-${importers.join('-and-')}-import-${library}`,
  severity: 'error',
  from: { path: '^(libs|services)/', pathNot: [`^libs/${library}/`, `^services/${anyOf(importers)}/`, E2E] },
  to: { path: `^libs/${library}/`, pathNot: [TESTING_ENTRY, ...open] },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...projects.flatMap(layerRules),
    reserved('connectors', ['importer', 'exporter'], { open: [CONNECTOR_CONFIG] }),
    {
      name: 'who-reads-connector-config',
      severity: 'error',
      from: {
        path: '^(libs|services)/',
        pathNot: ['^libs/connectors/', `^services/${anyOf(['importer', 'exporter', ...readsConnectorConfig])}/`],
      },
      to: { path: CONNECTOR_CONFIG },
    },
    reserved('projection', ['audit-projector']),
    reserved('report', ['report-api', 'audit-streamer']),
    reserved('embedded', ['cli']),
    {
      name: 'testing-stays-in-tests',
      comment:
        'Production code imports neither a testing/ folder nor the testing library nor a spec. The sample target is a test server people may use.',
      severity: 'error',
      from: { path: '^(libs|services)/', pathNot: [TEST_CODE, '^libs/testing/', '^services/cli/src/commands/sample-target\\.ts$'] },
      to: { path: ['/testing/', '\\.spec\\.ts$'], pathNot: 'node_modules' },
    },
    {
      name: 'domain-is-pure',
      comment: 'Decisions know no framework, broker or database.',
      severity: 'error',
      from: { path: '^libs/domain/' },
      to: { path: '(^|/)(@nestjs|@nats-io|typeorm|pg|pg-copy-streams)(/|$)' },
    },
    {
      name: 'the-portal-imports-views',
      comment: 'Of ours, a browser gets the views and nothing else.',
      severity: 'error',
      from: { path: '^services/portal/' },
      to: { path: '^(libs|services)/', pathNot: ['^libs/contracts/src/http/index\\.ts$', '^services/portal/'] },
    },
    {
      name: 'features-stand-alone',
      comment: 'Features of the portal meet in its routes, and share what is in shared/.',
      severity: 'error',
      from: { path: '^services/portal/src/features/([^/]+)/' },
      to: { path: '^services/portal/src/features/', pathNot: '^services/portal/src/features/$1/' },
    },
    {
      name: 'shared-knows-no-feature',
      severity: 'error',
      from: { path: '^services/portal/src/(shared|api|texts)/' },
      to: { path: '^services/portal/src/(features|app)/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'resolvable',
      comment: 'An import nobody can resolve is checked by no rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.cache|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: join(__dirname, 'tsconfig.check.json') },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@provident/source', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.node'],
    },
  },
};
