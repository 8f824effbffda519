import { request as httpRequest } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/** Of localhost, and of nothing else: this key protects no one. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMIm7bq0cLzuKykrR
XHvce3ficJUK7fGwTiBlCIIh+oKhRANCAATouoHmH6ZWlJSI14CDZ2/r7rzVxApU
JjaFpsDVsi+CBjpfety3j7QHfclBG+tX2P6HgU545hjYjFhhc4GvqRgl
-----END PRIVATE KEY-----`;
const certificate = `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUROeafTriAerT7bqbLeG51c/8seswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjA3MDUxN1oYDzIxMjYxMDI5
MDcwNTE3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATouoHmH6ZWlJSI14CDZ2/r7rzVxApUJjaFpsDVsi+CBjpfety3j7QH
fclBG+tX2P6HgU545hjYjFhhc4GvqRglo28wbTAdBgNVHQ4EFgQUveRMzinO50qX
yhFzEeMWjMt+RwUwHwYDVR0jBBgwFoAUveRMzinO50qXyhFzEeMWjMt+RwUwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAMzJClkc/LRQVqLNnHZPgeUJAae2t+TkAU3kkzjhCfW8AiEA
sjFna+6g6AbW6YM2sxQ3A02ePVupIb9PhzxzDAh/SxU=
-----END CERTIFICATE-----`;

/** A proxy before the API that speaks TLS, as in an installation; this process trusts it from then on. */
export async function startTlsFront(target: string): Promise<{ url: string; close(): Promise<void> }> {
  setDefaultCACertificates([...getCACertificates('default'), certificate]);
  const { port } = new URL(target);
  const server = createServer({ key, cert: certificate }, (incoming, answer) => {
    const headers = { ...incoming.headers, 'x-forwarded-proto': 'https', 'x-forwarded-host': incoming.headers.host };
    const forwarded = httpRequest({ host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers }, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    forwarded.on('error', () => answer.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
