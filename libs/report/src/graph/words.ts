/** `duplicate-target-entries` → `DuplicateTargetEntries` */
export const pascalCase = (code: string): string =>
  code
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');

/** `user` → `User`: the kinds of objects as Graph spells them. */
export const objectTypeName = (objectType: string): string => objectType.slice(0, 1).toUpperCase() + objectType.slice(1);
export const objectTypeSql = (column: string): string => `upper(left(${column}, 1)) || substr(${column}, 2)`;

/** `True`, `False`, as the log writes them. */
export const truth = (holds: boolean): string => (holds ? 'True' : 'False');
