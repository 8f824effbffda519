/** A thing as Graph gives it, without where it is described. @throws Error when the answer does not say that */
export function withoutContext<Given>(given: Given): Omit<Given, '@odata.context'> {
  const { '@odata.context': context, ...entity } = given as Given & { readonly '@odata.context'?: unknown };
  if (typeof context !== 'string' || !/^https?:\/\/[^/]+\/(v1\.0|beta)\/\$metadata#\w.*\/\$entity$/.test(context))
    throw new Error(`this is the context of no entity: ${String(context)}`);
  return entity;
}
