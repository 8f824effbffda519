/** Where things are, and how to start them. Plain JavaScript for Node 18 and later: this runs before anything is installed. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const inRoot = (...parts) => join(root, ...parts);

const needed = [22, 22];

/** The pinned Node when it is installed, else the running one, provided it is new enough. */
export function pinnedNode() {
  const pinned = inRoot('node_modules', '.bin', 'node');
  if (existsSync(pinned)) return pinned;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return process.execPath;
  fail(`Node ${process.versions.node} is too old and no pinned Node exists for this platform; install Node ${needed.join('.')} or newer.`);
}

/** The environment in which every tool finds the pinned Node and the installed programs first. */
export function toolEnvironment(extra = {}) {
  const bin = inRoot('node_modules', '.bin');
  return { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`, ...extra };
}

export function fail(message, status = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(status);
}

/** Runs a program to its end; output is passed through, or kept and given back. */
export function run(command, args, { quiet = false, env = toolEnvironment(), onOutput } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
    let output = '';
    const keep = (chunk) => {
      output += chunk;
      onOutput?.(chunk);
    };
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => resolve({ status: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code, signal) => resolve({ status: code ?? 128, signal, output }));
  });
}

/**
 * Becomes another program: its signals, its exit status and its terminal are then its own.
 * Where a process cannot be replaced, the program runs as a child and both are passed on.
 */
export function handOver(command, args, env = toolEnvironment()) {
  if (typeof process.execve === 'function') {
    process.removeAllListeners('warning'); // "execve is experimental" helps nobody who starts Provident
    process.execve(command, [command, ...args], env);
  }
  const child = spawn(command, args, { cwd: process.cwd(), env, stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => {
      // A terminal's Ctrl-C has reached the child already.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => fail(`${command}: ${error.message}`, 127));
  child.on('close', (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    for (const each of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
}

/** `git` and the like: the text a program prints, or nothing when it cannot. */
export function textOf(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : '';
}
