import { LinkRemoved, LinkRepaired, is } from '@provident/contracts';
import { linkSubject } from '@provident/importer';

import { type Ties, anchorIn, tiesIn } from '../ties.js';
import type { SimProcess } from '../world.js';
import { type Hand, type Scene, type Standing, by, graceMs } from './hand.js';

/** An administrator who takes links away and sets them; also wrong ones, and such as are refused. */
export class LinkHand implements Hand {
  constructor(
    private readonly jobId: string,
    private readonly scene: Scene,
  ) {}

  act(): void {
    const { dice, broker } = this.scene;
    const ties = tiesIn(broker.events);
    const keys = [...this.everyone()];
    if (keys.length === 0) return;
    const objectKey = dice.pick(keys);
    if (dice.chance(0.55)) this.remove(objectKey, ties);
    else this.repair(objectKey, ties);
  }

  tidy(): Standing {
    return 'done';
  }

  /** Somebody is about to write to an account or a group. */
  watch(what: string, who: SimProcess, id?: string): void {
    const { world, broker, target } = this.scene;
    if (id === undefined || !target.isLetGo(id)) return;
    const said = broker.events.findLast(
      (event) => (is(event, LinkRemoved) && event.data.targetId === id) || (is(event, LinkRepaired) && event.data.formerId === id),
    );
    const sinceMs = said ? world.nowMs - (world.date().getTime() - Date.parse(said.at)) : world.nowMs;
    if (world.nowMs > Math.max(sinceMs, who.pausedUntilMs) + graceMs)
      world.violated(`${who.name} ${what} to ${id}, ${((world.nowMs - sinceMs) / 1_000).toFixed(1)} s after its link was taken away`);
  }

  /** Whatever a link was set to, the judge compares with the accounts. */
  check(): readonly string[] {
    return [];
  }

  private *everyone(): Iterable<string> {
    const { source } = this.scene;
    for (const anchor of source.people.keys()) yield `user:${anchor}`;
    for (const anchor of source.groups.keys()) yield `group:${anchor}`;
  }

  private remove(objectKey: string, { accountOf }: Ties): void {
    const id = this.scene.dice.chance(0.3) ? accountOf.get(objectKey) : undefined;
    this.order({ order: 'remove', subject: subjectOf(objectKey, id) });
  }

  /** Where user names are unique a wrong account would be refused for as long as the right one has its name: nobody does that. */
  private repair(objectKey: string, { accountOf, letGo }: Ties): void {
    const { dice, target } = this.scene;
    const isGroup = objectKey.startsWith('group:');
    const own = [...letGo].filter((id) => target.anchorOf(id) === anchorIn(objectKey));
    const others = target.isStrict || isGroup ? [] : [...target.accounts.keys()];
    const choices = [...own, ...own, ...others.filter((id) => letGo.has(id) || dice.chance(0.3))];
    const isCurrent = target.isStrict && accountOf.has(objectKey);
    if (choices.length === 0 || isCurrent) return;
    const id = dice.pick(choices);
    const name = target.accounts.get(id)?.attributes['userName'];
    this.order({
      order: 'repair',
      subject: subjectOf(objectKey, undefined),
      to: typeof name === 'string' && dice.chance(0.3) ? { value: name } : { targetId: id },
    });
  }

  private order(order: { order: string; subject: { objectType: string; id: string }; to?: object }): void {
    const { world, wire } = this.scene;
    const { jobId } = this;
    world.note(`by hand: ${JSON.stringify(order)}`);
    wire.publish(linkSubject(jobId), JSON.stringify({ ...order, jobId, by }), (answer) => world.note(`  answered: ${answer}`));
  }
}

const subjectOf = (objectKey: string, id: string | undefined) => ({
  objectType: objectKey.startsWith('group:') ? 'group' : 'user',
  id: id ?? anchorIn(objectKey),
});
