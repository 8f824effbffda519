/** Where the API serves the portal; every page of it is below. */
export const portalPath = '/portal';
