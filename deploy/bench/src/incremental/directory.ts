import { type Slapd, startSlapd } from '@provident/connectors/testing';
import { Attribute, Change, Client } from 'ldapts';

const peoplePerGroup = 50;
const groupsDn = 'ou=groups,dc=example,dc=org';
const inPeople = (at: number): string => `uid=p${at},ou=people,dc=example,dc=org`;
const inGroups = (at: number): string => `cn=g${at},${groupsDn}`;

/** A real directory: people, and a group for every fifty of them. It knows what a target in step with it holds. */
export class Directory {
  private readonly titles = new Map<string, string>();
  private readonly members: Set<number>[];
  private round = 0;

  private constructor(
    private readonly people: number,
    readonly slapd: Slapd,
  ) {
    this.members = Array.from({ length: people / peoplePerGroup }, (_, group) => new Set(inGroup(group)));
  }

  /** @throws Error when slapd is not installed */
  static async start(people: number): Promise<Directory> {
    const slapd = await startSlapd({ people, ldif: groupsLdif(people / peoplePerGroup), sizeMiB: 4_096 });
    return new Directory(people, slapd);
  }

  get groups(): number {
    return this.members.length;
  }

  /** The source of the job. The password stands in that variable. */
  source(passwordVariable: string) {
    const { url, reader, peopleDn } = this.slapd;
    const login = { bindDn: reader.dn, password: { env: passwordVariable } };
    return { connector: 'ldap', config: { url, ...login, baseDn: peopleDn, groups: { baseDn: groupsDn } } };
  }

  /** Other titles, and in one of twenty changes a member who leaves a group and another who joins it. @returns how many people and groups changed */
  async change(count: number): Promise<{ readonly people: number; readonly groups: number }> {
    this.round += 1;
    const groups = Math.floor(count / 20);
    const people = count - groups;
    const client = new Client({ url: this.slapd.url });
    await client.bind(this.slapd.admin.dn, this.slapd.admin.password);
    const step = Math.floor(this.people / people);
    for (let at = 0; at < people; at++) {
      const person = at * step;
      const title = `Title ${this.round}`;
      await client.modify(inPeople(person), replaced('title', [title]));
      this.titles.set(mailOf(person), title);
    }
    const groupStep = Math.floor(this.groups / groups);
    for (let at = 0; at < groups; at++) {
      const group = at * groupStep;
      const members = this.members[group]!;
      const [leaving] = members;
      members.delete(leaving!);
      // Out of reach of the group's own people, and another one in every round.
      members.add((group * peoplePerGroup + peoplePerGroup + this.round) % this.people);
      await client.modify(inGroups(group), replaced('member', [...members].map(inPeople)));
    }
    await client.unbind();
    return { people, groups };
  }

  /** User names with their titles. */
  expectedUsers(): [name: string, title: string | null][] {
    return Array.from({ length: this.people }, (_, at) => [mailOf(at), this.titles.get(mailOf(at)) ?? null]);
  }

  /** Groups with the user names in them. */
  expectedGroups(): [name: string, members: string[]][] {
    return this.members.map((members, at) => [`g${at}`, [...members].map(mailOf)]);
  }
}

const mailOf = (at: number): string => `E${at}`;
const replaced = (type: string, values: string[]) => new Change({ operation: 'replace', modification: new Attribute({ type, values }) });
const inGroup = (group: number): number[] => Array.from({ length: peoplePerGroup }, (_, at) => group * peoplePerGroup + at);

function groupsLdif(groups: number): string {
  const group = (at: number): string => {
    const changedAt = new Date(Date.UTC(2021, 0, 1, 0, 0, at)).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
    return [
      `dn: ${inGroups(at)}`,
      'objectClass: groupOfNames',
      `cn: g${at}`,
      ...inGroup(at).map((person) => `member: ${inPeople(person)}`),
      `createTimestamp: ${changedAt}`,
      `modifyTimestamp: ${changedAt}`,
      '',
    ].join('\n');
  };
  const unit = [`dn: ${groupsDn}`, 'objectClass: organizationalUnit', 'ou: groups', ''].join('\n');
  return [unit, ...Array.from({ length: groups }, (_, at) => group(at))].join('\n');
}
