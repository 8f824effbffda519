import { z } from 'zod';

/** Where the secret lies that notices are signed with. */
export const places = ['secret', 'env', 'file'] as const;
export type Place = (typeof places)[number];

/** Who is told of a job's health, as it is typed. */
export interface NotifyForm {
  /** Addresses, parted by commas, spaces or lines. */
  readonly email: string;
  readonly url: string;
  readonly place: Place;
  /** Name of the secret or the variable, or path of the file. */
  readonly name: string;
}

const Notify = z.looseObject({
  email: z.array(z.string()).optional(),
  webhook: z.looseObject({ url: z.string(), secret: z.partialRecord(z.enum(places), z.string()) }).optional(),
});

/** @param notify of a job file; undefined: nobody is told */
export function formOf(notify: unknown): NotifyForm {
  const { email = [], webhook } = Notify.catch({}).parse(notify ?? {});
  const place = places.find((each) => webhook?.secret[each] !== undefined) ?? 'secret';
  return { email: email.join(', '), url: webhook?.url ?? '', place, name: webhook?.secret[place] ?? '' };
}

/** For the job file; undefined when nobody is to be told. What is wrong with it is said by whoever checks the job. */
export function notifyOf({ email, url, place, name }: NotifyForm): object | undefined {
  const addresses = email.split(/[\s,;]+/).filter((each) => each !== '');
  const webhook = url.trim() === '' ? undefined : { url: url.trim(), secret: { [place]: name.trim() } };
  if (addresses.length === 0 && webhook === undefined) return undefined;
  return { ...(addresses.length > 0 && { email: addresses }), ...(webhook && { webhook }) };
}
