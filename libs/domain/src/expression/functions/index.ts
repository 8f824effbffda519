import type { FunctionDefinition } from '../function-definition.js';
import { dateFunctions } from './dates.js';
import { directoryFunctions } from './directory.js';
import { encodingFunctions } from './encodings.js';
import { letterFunctions } from './letters.js';
import { listFunctions } from './lists.js';
import { logicFunctions } from './logic.js';
import { numberFunctions } from './numbers.js';
import { randomFunctions } from './random.js';
import { replaceFunctions } from './replace.js';
import { roleFunctions } from './roles.js';
import { textFunctions } from './text.js';

/** Functions by what they are about. */
export const functionFamilies: Readonly<Record<string, readonly FunctionDefinition[]>> = {
  Text: [...textFunctions, ...letterFunctions, ...replaceFunctions],
  Encodings: encodingFunctions,
  Lists: listFunctions,
  'Conditions and nulls': logicFunctions,
  Numbers: numberFunctions,
  Dates: dateFunctions,
  Roles: roleFunctions,
  'Random and unique values': randomFunctions,
  Directory: directoryFunctions,
};

export const functionDefinitions: readonly FunctionDefinition[] = Object.values(functionFamilies).flat();

const byName = new Map(functionDefinitions.map((definition) => [definition.name.toLowerCase(), definition]));

/** The function of that name, in any case: Microsoft's own pages spell some names in two ways. */
export const findFunction = (name: string): FunctionDefinition | undefined => byName.get(name.toLowerCase());
