/**
 * Writes what is made from the sources: the JSON Schema of job files, its reference page, that of the expressions, and the OpenAPI document.
 * `--check`: writes nothing, and fails when a file is not what it would write.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { compile } from './lib/compile.mjs';
import { fail, inRoot } from './lib/workspace.mjs';

const check = process.argv.includes('--check');
if (!check || !['connectors/dist/config.js', 'contracts/dist/index.js'].every((file) => existsSync(inRoot('libs', file)))) {
  const { status, output } = await compile([inRoot('libs', 'connectors'), inRoot('libs', 'contracts')]);
  if (status !== 0) fail(output);
}
const { expressionReferenceMarkdown, jobJsonSchema, jobReferenceMarkdown } = await import(inRoot('libs', 'domain', 'dist', 'index.js'));
const { connectorConfigs } = await import(inRoot('libs', 'connectors', 'dist', 'config.js'));
const { openApiDocument } = await import(inRoot('libs', 'contracts', 'dist', 'index.js'));

const schema = jobJsonSchema({ sourceConnectors: connectorConfigs.source, targetConnectors: connectorConfigs.target });
const files = {
  'deploy/job.schema.json': `${JSON.stringify(schema, null, 2)}\n`,
  'deploy/job-reference.md': jobReferenceMarkdown(schema),
  'deploy/expressions.md': expressionReferenceMarkdown(),
  'deploy/openapi.json': `${JSON.stringify(openApiDocument(), null, 2)}\n`,
};
const stale = Object.entries(files).filter(([name, text]) => !existsSync(inRoot(name)) || readFileSync(inRoot(name), 'utf8') !== text);
if (check && stale.length > 0) fail(`not current: ${stale.map(([name]) => name).join(', ')}; run "npm run generate"`);
for (const [name, text] of check ? [] : stale) writeFileSync(inRoot(name), text);
if (!check)
  process.stdout.write(`${stale.length === 0 ? 'everything is current' : `written: ${stale.map(([name]) => name).join(', ')}`}\n`);
