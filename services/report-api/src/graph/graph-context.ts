/** Collections whose members are named by the next segment of a path. */
const keyed = ['servicePrincipals', 'applications', 'jobs', 'templates', 'directories', 'provisioning', 'directoryAudits'];

/** What functions and actions give is of no collection: it is named by its type. */
const typed: Readonly<Record<string, string>> = {
  functions: 'Collection(microsoft.graph.attributeMappingFunctionSchema)',
  filteroperators: 'Collection(microsoft.graph.filterOperatorSchema)',
  parseexpression: 'microsoft.graph.parseExpressionResponse',
  provisionondemand: 'microsoft.graph.stringKeyStringValuePair',
  discover: 'microsoft.graph.directoryDefinition',
};

/**
 * The part of `@odata.context` behind the `#`: where in the metadata an answer is described.
 * @param path behind the version, as it was asked for, such as `servicePrincipals/8f…/synchronization/jobs/hr`
 */
export function contextOf(path: string, isCollection: boolean): string {
  const segments = path.split('/').filter((each) => each !== '');
  const last = segments.at(-1)?.replace(/\(.*\)$/, '') ?? '';
  const type = typed[last.toLowerCase()];
  if (type !== undefined) return type;
  const named: string[] = [];
  for (let at = 0; at < segments.length; at++) {
    const segment = segments[at]!;
    const collection = keyed.find((each) => each.toLowerCase() === segment.toLowerCase());
    const key = collection === undefined ? undefined : segments[at + 1];
    if (key === undefined) named.push(collection ?? segment.replace(/\(.*\)$/, ''));
    else named.push(++at === segments.length - 1 ? collection! : `${collection}('${key}')`);
  }
  return `${named.join('/')}${isCollection ? '' : '/$entity'}`;
}
