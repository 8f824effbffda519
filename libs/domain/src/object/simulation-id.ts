/** How the id of a simulation begins: with its time in UTC, such as `20261122t065012`, so that older ones sort before newer ones. */
export const simulationIdAt = (at: Date): string =>
  at
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replaceAll(/[-:]/g, '')
    .toLowerCase();
