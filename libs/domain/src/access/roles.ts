/**
 * What somebody may do. `read`: reports. `operate`: runs a job as it is configured. `configure`: says what a job does, and to which systems.
 * `maintain`: looks after the installation as a whole. `secure`: decides who may do what, and keeps secrets.
 */
export const permissions = ['read', 'operate', 'configure', 'maintain', 'secure'] as const;
export type Permission = (typeof permissions)[number];

/**
 * Who configures a job decides where its secrets are sent, and is therefore no mere operator. Who gives out tokens and secrets cannot use them:
 * a security administrator reads, so that denied attempts are seen, and neither runs nor changes a job.
 */
const permissionsByRole = {
  'reports-reader': ['read'],
  operator: ['read', 'operate'],
  administrator: ['read', 'operate', 'configure', 'maintain'],
  'security-administrator': ['read', 'secure'],
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof permissionsByRole;
export const roles = Object.keys(permissionsByRole) as [Role, ...Role[]];

export const permissionsOf = (role: Role): readonly Permission[] => permissionsByRole[role];

/** These concern every job at once: whoever is limited to some jobs does not have them. */
const ofInstallation: ReadonlySet<Permission> = new Set(['maintain', 'secure']);
export const isOfInstallation = (permission: Permission): boolean => ofInstallation.has(permission);

/** Roles that mean something for a few jobs alone. */
export const canBeLimited = (role: Role): boolean => !permissionsOf(role).includes('secure');
