import { ApiProblem, send } from './request.js';

/** A file of the API, whole: large ones take a while. @throws ApiProblem */
export async function download(url: string): Promise<Blob> {
  const response = await send(url, {}, undefined, downloadMs);
  try {
    return await response.blob();
  } catch (cause) {
    throw new ApiProblem('unreachable', cause instanceof Error ? cause.message : String(cause), 0);
  }
}

const downloadMs = 30 * 60_000;
