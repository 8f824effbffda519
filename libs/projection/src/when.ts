import type { DataOf, EventDefinition, LogEvent } from '@provident/contracts';

type Reduce<State> = (state: State, event: LogEvent<never>) => void;
export type Reducers<State> = ReadonlyMap<string, Reduce<State>>;

/** What one type of event does to the state. */
export const when = <State, Definition extends EventDefinition>(
  definition: Definition,
  reduce: (state: State, event: LogEvent<DataOf<Definition>>) => void,
): readonly [string, Reduce<State>] => [definition.type, reduce as Reduce<State>];

export const reducers = <State>(...entries: (readonly [string, Reduce<State>])[]): Reducers<State> => new Map(entries);

/** Lets the state hear the event; false when no reducer is for it. */
export function reduce<State>(all: Reducers<State>, state: State, event: LogEvent): boolean {
  const reducer = all.get(event.type);
  reducer?.(state, event as LogEvent<never>);
  return reducer !== undefined;
}
