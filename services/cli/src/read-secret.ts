import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Where a command reads what must not stand in its arguments, which every program on the machine may see. */
export interface SecretInput {
  /** Everything up to the end where input is redirected; in a terminal one line that is not shown. */
  read(prompt: string): Promise<string>;
  /** One line that may be seen. */
  ask(prompt: string): Promise<string>;
}

export const secretInputOf = ({ stdin, stderr }: NodeJS.Process): SecretInput => ({
  read: (prompt) => (stdin.isTTY ? readHidden(stdin, stderr, prompt) : readAll(stdin)),
  ask: (prompt) => (stdin.isTTY ? readSeen(stdin, stderr, prompt) : readAll(stdin)),
});

async function readAll(stream: NodeJS.ReadStream): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += String(chunk);
  return text.replace(/\r?\n$/, '');
}

function readSeen(input: NodeJS.ReadStream, output: NodeJS.WriteStream, prompt: string): Promise<string> {
  const lines = createInterface({ input, output });
  return new Promise((resolve) => {
    lines.once('close', () => resolve(''));
    lines.question(prompt, (line) => {
      resolve(line);
      lines.close();
    });
  });
}

function readHidden(stdin: NodeJS.ReadStream, stderr: NodeJS.WriteStream, prompt: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true });
  stderr.write(prompt);
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      stderr.write('\n');
      resolve(line);
      lines.close();
    });
    lines.once('SIGINT', () => {
      stderr.write('\n');
      reject(new Error('given up'));
      lines.close();
    });
    lines.once('close', () => resolve(''));
  });
}
