import { defineFunction } from '../function-definition.js';

export const directoryFunctions = [
  defineFunction({
    name: 'DefaultDomain',
    needs: 'defaultDomain',
    summary:
      "The default domain of the source's directory. **Not yet for jobs**: no source says its default domain; write it as a text instead.",
    examples: [
      { expression: 'Join("@", [mailNickname], DefaultDomain())', given: { mailNickname: 'mira.k' }, gives: 'mira.k@harbor.example' },
    ],
    evaluate: (_, __, { defaultDomain }) => defaultDomain!,
  }),
];
