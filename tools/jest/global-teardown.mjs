export default async function globalTeardown() {
  await globalThis.providentTestServers?.stop();
}
