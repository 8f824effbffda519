import type { PatternMatch } from './pattern.js';

const reference = /\$(?:(\d+)|\{(\w+)\}|([$&`'+_]))/g;

/**
 * What stands in for a match, in .NET's notation: `$1`, `${name}`, `${1}`, `$&` and `$0` for the match, `$$` for a dollar sign, `` $` `` and `$'` for what
 * stands before and after it, `$_` for the whole text, `$+` for the last group. A reference to a group that the pattern does not have is plain text; a
 * group that took no part is empty.
 */
export function replacementFor(replacement: string, match: PatternMatch, whole: string): string {
  return replacement.replace(reference, (written: string, number?: string, name?: string, sign?: string) => {
    if (sign !== undefined) return special(sign, match, whole);
    const group = match.group(number === undefined ? name! : String(Number(number)));
    return group === undefined ? written : (group ?? '');
  });
}

function special(sign: string, match: PatternMatch, whole: string): string {
  switch (sign) {
    case '$':
      return '$';
    case '&':
      return whole.slice(match.start, match.end);
    case '`':
      return whole.slice(0, match.start);
    case "'":
      return whole.slice(match.end);
    case '_':
      return whole;
    default:
      return match.lastGroup;
  }
}
