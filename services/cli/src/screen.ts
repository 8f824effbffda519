import { styleText } from 'node:util';

/** Where text for a person goes. */
export interface Screen {
  readonly isTTY: boolean;
  /** Width in characters; Infinity when it is not a terminal. */
  readonly columns: number;
  write(text: string): void;
}

export type Paint = Parameters<typeof styleText>[0];

export function screenOn(stream: NodeJS.WriteStream): Screen {
  return {
    isTTY: Boolean(stream.isTTY), // undefined where there is none, whatever the type says
    get columns() {
      return stream.isTTY ? stream.columns : Number.POSITIVE_INFINITY;
    },
    write: (text) => void stream.write(text),
  };
}

/** Colour in a terminal, unless the reader asked for none (`NO_COLOR`). */
export function painter(screen: Screen, env: NodeJS.ProcessEnv): (style: Paint, text: string) => string {
  return screen.isTTY && !env['NO_COLOR'] ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}
