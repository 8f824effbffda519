import { readFileSync } from 'node:fs';

import { beforeAll, expect } from '@jest/globals';
import { freePort } from '@provident/embedded';
import type { Page } from 'playwright-core';

import { inBrowser } from './harness/browser.js';
import { type Installation, pipeline } from './harness/index.js';
import { patiently, type PortalVisit } from './harness/portal-visit.js';
import { sampleToken, type SamplePortal, withSamplePortal } from './harness/sample-portal.js';

inBrowser('the portal: how a job and its installation are changed', (browser) => {
  const { portal, test, testPages, go, load, heading, tab, row, seen, shoot, tabTo, press } = withSamplePortal(browser, async (its) => {
    await its.installation.apply(its.job());
    await its.installation.cycleClosed('sample');
  });
  let installation: Installation;
  let target: SamplePortal['target'];
  let page: Page;
  let visit: PortalVisit;
  let origin: string;

  beforeAll(() => {
    ({ installation, target, visit, origin } = portal);
    ({ page } = visit);
  });

  test('the page may load its own files only, which browsers keep, and no other path answers with it', async () => {
    const response = await fetch(`${origin}/portal/jobs/anything`);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const [script] = /\/portal\/assets\/[\w.-]+\.js/.exec(await response.text()) ?? [];
    const asset = await fetch(`${origin}${script}`);
    expect([asset.status, asset.headers.get('cache-control'), asset.headers.get('content-encoding')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
      'gzip',
    ]);
    expect((await fetch(`${origin}/portal/assets/none.js`)).status).toBe(404);
    expect((await fetch(`${origin}/portal/..%2f..%2fpackage.json`)).status).toBe(404);
    expect((await fetch(`${origin}/`, { redirect: 'manual' })).headers.get('location')).toBe('/portal/');
  });

  test('what was changed by hand in the target is looked for, told attribute by attribute, and changed back', async () => {
    const account = target.users().find(({ userName }) => userName === 'amira.haddad@example.com')!;
    const response = await fetch(`${target.url}/Users/${String(account['id'])}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${sampleToken}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'title', value: 'By hand' }],
      }),
    });
    expect(response.ok).toBe(true);
    await go('/jobs/sample?tab=drift');
    await seen('No cycle has looked for drift yet.');
    await page.getByRole('button', { name: 'Look for drift' }).click();
    const found = row(/^Amira Haddad 1001 Values differ title: expected .*, found By hand No: it was only told$/);
    await found.waitFor();
    await seen(/^\d+ of \d+ accounts differs?/);
    await shoot('job-drift');
    // The page of the person has the three beside each other.
    await found.getByRole('link', { name: 'Amira Haddad' }).click();
    const values = page.getByRole('region', { name: 'People to the sample app' }).getByRole('table', { name: 'Values side by side' });
    await values
      .getByRole('row', { name: `title ${String(account['title'])} title ${String(account['title'])} By hand differs` })
      .waitFor();
    expect(await values.getByText('differs', { exact: true }).count()).toBe(1);
    await seen('Changed by hand in the target: values differ.');
    await shoot('person-compared');
    await go('/jobs/sample?tab=drift');
    await page.getByRole('button', { name: 'Change it back…' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Look and change back' }).click();
    await row(/^Amira Haddad 1001 Values differ title: expected .*, found By hand Yes$/).waitFor();
    expect(target.users().find(({ id }) => id === account['id'])!['title']).toBe(account['title']);
    // What was found before is still told.
    await page.getByLabel('Looked at').selectOption({ index: 1 });
    await found.waitFor();
  });

  test('the rules of a job are changed as text: mistakes have their place, and a change is a revision', async () => {
    await go('/jobs/sample?tab=settings');
    const editor = page.getByRole('textbox', { name: 'Job as YAML' });
    const before = await editor.inputValue();
    await editor.fill(before.replace('source:', 'source: {'));
    await seen(/^Line \d+, column \d+:/);
    await editor.fill(before.replace('source: title', 'source: titel'));
    await page.getByRole('button', { name: 'Apply' }).click();
    await seen('Did you mean "title"?');
    await shoot('job-settings');
    await editor.fill(before.replace(/percent: 20/, 'percent: 30'));
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('cell', { name: 'Revision 2', exact: true }).waitFor();
    expect(await editor.inputValue()).toContain('percent: 30');
  });

  test('what a cycle would do is seen before it runs: filtered, searched, kept as a file', async () => {
    await go('/jobs/sample');
    await page.getByRole('link', { name: 'See what would happen' }).click();
    await heading('What would happen: People to the sample app').waitFor();
    await page.getByRole('button', { name: 'Simulate the job as it is' }).click();
    await page.waitForURL(/simulation=/);
    await seen(/^those that apply \(revision \d+\)$/);
    // A group is there twice, with what becomes of its members; nothing of that stays once others are asked for.
    await row(/^Leads group · G-2/)
      .nth(1)
      .waitFor();
    await page.getByRole('button', { name: /^Skip \d/ }).click();
    await row(/^Dana Novak .* Skip out of scope: employment EQUALS "employee" does not hold/).waitFor();
    await page.getByLabel('Name or id').fill('nova');
    await patiently(async () => expect(await page.getByRole('row').count()).toBe(2));
    await shoot('plan');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download as CSV' }).click()]);
    const lines = readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect([lines.length, lines[1]]).toEqual([2, expect.stringContaining('skip,user,1017,Dana Novak')]);
    await page.getByLabel('Name or id').fill('nobody at all');
    await seen('Nobody whose name or id holds "nobody at all".');
    await go('/jobs/sample/plan?simulation=20261122t120000-none');
    await seen('This simulation is not there any more');
  });

  test('changed rules are simulated beside those that apply, applied, and taken back', async () => {
    await go('/jobs/sample?tab=settings');
    const editor = page.getByRole('textbox', { name: 'Job as YAML' });
    const before = await editor.inputValue();
    await editor.fill(before.replace('constant: Employee', 'constant: Staff # as the handbook says'));
    await page.getByRole('button', { name: 'See who would change' }).click();
    await page.getByRole('button', { name: 'Simulate my changed rules' }).click();
    const difference = page.getByRole('table', { name: 'What differs between the two job files' });
    await difference.getByRole('row', { name: 'objects[user].attributes[userType].constant Employee Staff' }).waitFor();
    await row(/^Amira Haddad 1001 .* now: Leave as it is then: Change .*userType Employee → Staff/).waitFor();
    await page.getByRole('button', { name: 'Apply these rules' }).waitFor(); // it has ended
    await shoot('plan-compared');
    await page.getByRole('button', { name: 'Apply these rules' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Apply these rules' }).click();
    await page.getByRole('link', { name: 'See the revisions' }).click();
    await row(/^Revision 3 .* objects\[user\]\.attributes\[userType\]\.constant/).waitFor();
    await page.getByRole('button', { name: '1 difference to revision 2' }).click();
    await page.getByRole('dialog').getByRole('row', { name: 'objects[user].attributes[userType].constant Employee Staff' }).waitFor();
    await shoot('job-revision');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Take revision 2 into the editor' }).click();
    expect(await editor.inputValue()).toBe(before);
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await page.getByRole('cell', { name: 'Revision 4', exact: true }).waitFor();
  });

  test('how often a job looks for drift by itself is part of its rules, and mistakes are told beside it', async () => {
    await go('/jobs/sample?tab=drift');
    await page.getByLabel('What cycles do from time to time').selectOption('Look for drift, and change it back');
    await page.getByLabel('How often').fill('1s');
    await page.getByRole('button', { name: 'Apply' }).click();
    await seen(/must be at least 1m, found 1s/);
    await page.getByLabel('How often').fill('12h');
    await page.getByRole('button', { name: 'Apply' }).click();
    await patiently(async () => expect(await page.getByRole('button', { name: 'Apply' }).isDisabled()).toBe(true));
    await go('/jobs/sample?tab=settings');
    await page.getByRole('cell', { name: 'Revision 5', exact: true }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Job as YAML' }).inputValue()).toMatch(/drift:\n\s+every: 12h\n\s+mode: repair/);
  });

  test('who is told of a job is changed beside its text, and a mistake is told with its place', async () => {
    await go('/jobs/sample?tab=settings');
    const told = page.getByRole('region', { name: 'Notifications' });
    expect(await told.getByLabel('Name or path of the secret').inputValue()).toBe('NOTICE_SECRET');
    await told.getByLabel('E-mail to').fill('identity-team');
    await told.getByRole('button', { name: 'Save notifications' }).click();
    await told.getByText('notify.email[0]').waitFor();
    await told.scrollIntoViewIfNeeded();
    await shoot('job-notifications');
    await told.getByLabel('E-mail to').fill('ada@example.com, identity-team@example.com');
    await told.getByRole('button', { name: 'Save notifications' }).click();
    await page.getByRole('cell', { name: 'Revision 6', exact: true }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Job as YAML' }).inputValue()).toMatch(
      /notify:\n\s+email:\n\s+- ada@example.com\n\s+- identity-team@example.com\n\s+webhook:/,
    );
  });

  test('when cycles run and how many removals wait is changed in a form, after a look at who would change', async () => {
    await go('/jobs/sample?tab=settings');
    const limits = page.getByRole('region', { name: 'Cycles and limits' });
    const ofAll = limits.getByRole('group', { name: 'Removals of all kinds' });
    const percent = ofAll.getByLabel('At most, %');
    expect(await percent.inputValue()).toBe('30');
    const save = limits.getByRole('button', { name: 'Save cycles and limits' });
    await percent.fill('ten');
    await save.click();
    await limits.getByText('thresholds.removals.percent').waitFor();
    await percent.fill('10');
    await limits.getByLabel('Every', { exact: true }).fill('1s');
    await save.click();
    await limits.getByText(/must be at least 10s, found 1s/).waitFor();
    await limits.scrollIntoViewIfNeeded();
    await shoot('job-limits');
    await limits.getByLabel('Every', { exact: true }).fill('25m');
    await limits.getByRole('group', { name: 'Accounts to delete' }).getByLabel('At most', { exact: true }).fill('7');
    await limits.getByRole('button', { name: 'See what these would change' }).click();
    await page.getByRole('button', { name: 'Simulate my changed rules' }).click();
    const difference = page.getByRole('table', { name: 'What differs between the two job files' });
    await difference.getByRole('row', { name: 'thresholds.removals.percent 30 10' }).waitFor();
    await difference.getByRole('row', { name: 'schedule.every 40m 25m' }).waitFor();
    await page.getByRole('button', { name: 'Apply these rules' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Apply these rules' }).click();
    await page.getByRole('link', { name: 'See the revisions' }).click();
    await page.getByRole('cell', { name: 'Revision 7', exact: true }).waitFor();
    await limits.getByLabel('Cycles run by themselves').selectOption('at times that a cron expression names');
    await limits.getByLabel('Cron expression').fill('0 3 * * *');
    await limits.getByLabel('Time zone').fill('Europe/Berlin');
    await save.click();
    await page.getByRole('cell', { name: 'Revision 8', exact: true }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Job as YAML' }).inputValue()).toMatch(
      /schedule:\n(\s+\w+: .*\n)*\s+cron: 0 3 \* \* \*\n\s+zone: Europe\/Berlin/,
    );
  });

  test('rules are changed in tables, completed while they are typed, and tried on a real person, by keyboard alone', async () => {
    await visit.wantMotion(true);
    await go('/jobs/sample?tab=mapping');
    await tabTo('Try the rules on');
    await page.keyboard.type('1003');
    await page.getByRole('button', { name: "Sean O'Neil (1003)" }).waitFor();
    await page.keyboard.press('Enter');
    await seen(/^Shown below for Sean O'Neil, /);
    // Who knows the id does not wait for the names that its beginning finds.
    await press('Another one');
    await tabTo('Try the rules on');
    await page.keyboard.type('1003');
    await page.keyboard.press('Enter');
    await seen(/^Shown below for Sean O'Neil, as the source has it now\. Nothing is written\. Sean O'Neil is in scope and active\.$/);
    await row(/^title Copy of a source attribute title at every change Engineer/).waitFor();
    await page.getByRole('group', { name: 'Condition 1 of Employees' }).getByText('holds: employee').waitFor();
    await shoot('rules');
    await press('Edit displayName');
    const dialog = page.getByRole('dialog', { name: 'Mapping of displayName' });
    await tabTo('Where the value comes from');
    await page.keyboard.type('Expr');
    const expression = dialog.getByRole('combobox', { name: 'Expression' });
    await tabTo('Expression');
    // Frames come late on a busy machine; whoever types does not wait for them.
    await page.evaluate('window.framesInTime = requestAnimationFrame, window.requestAnimationFrame = (draw) => setTimeout(draw, 150)');
    await page.keyboard.type('Join(" ", ToU');
    await dialog.getByRole('option', { name: /^ToUpper ToUpper\(source/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('[given');
    await dialog
      .getByRole('option', { name: /givenName/ })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('), [familyName]');
    await dialog.getByText('Column 45: expected a closing parenthesis of Join').waitFor();
    await page.evaluate('window.requestAnimationFrame = window.framesInTime, null');
    await shoot('rules-mapping');
    await expression.focus();
    await page.keyboard.press('Control+End'); // End alone leads to the end of a line, wherever the text is wrapped
    await page.keyboard.type(')');
    await dialog.getByText("SEAN O'Neil", { exact: true }).waitFor();
    await press('Take over');
    await row(/^displayName Expression Join\(" ", ToUpper\(\[givenName\]\), \[familyName\]\) at every change SEAN O'Neil/).waitFor();
    await tabTo('Show as YAML beside');
    await page.keyboard.press('Space');
    const yaml = page.getByRole('textbox', { name: 'Job as YAML' });
    await yaml.fill(
      (await yaml.inputValue())
        .replace('- target: title\n', '- target: title # as on the door\n')
        .replace('value: employee', 'value: staff'),
    );
    await page.getByRole('group', { name: 'Condition 1 of Employees' }).getByText('does not hold: employee').waitFor();
    await page.getByRole('textbox', { name: 'Condition 1 of Employees: Value' }).fill('employee');
    await patiently(async () => expect(await yaml.inputValue()).toMatch(/title # as on the door[\s\S]*/));
    expect(await yaml.inputValue()).toContain('value: employee');
    await page.getByRole('group', { name: 'Condition 1 of Employees' }).getByText('holds: employee').waitFor();
    await page.getByRole('button', { name: 'Remove preferredLanguage' }).click();
    await shoot('rules-yaml');
    await page.getByRole('button', { name: 'See who would change' }).click();
    await page.getByRole('button', { name: 'Simulate my changed rules' }).click();
    await page
      .getByRole('table', { name: 'What differs between the two job files' })
      .getByRole('row', { name: /^objects\[user\]\.attributes\[displayName\]\.expression nothing Join/ })
      .waitFor();
    await row(/^Sean O'Neil .*displayName Sean O'Neil → SEAN O'Neil/).waitFor();
    await go('/jobs/sample?tab=mapping');
    await page.getByRole('button', { name: 'Undo my changes' }).click();
    await seen('These are the rules that apply.');
    await page.evaluate('localStorage.clear()');
    await visit.wantMotion(false);
  });

  test('a secret is replaced and tried: each system answers in its own words, and nobody reads the value', async () => {
    await go('/jobs/sample?tab=credentials');
    const source = page.getByRole('region', { name: 'Source' });
    await source.getByText('It refers to no credentials.').waitFor();
    await source.getByRole('button', { name: 'Test connection of the source' }).click();
    await source.getByText('It lets us in', { exact: true }).waitFor();
    await source.getByText('CSV file (people.csv): user').first().waitFor();
    const its = page.getByRole('region', { name: 'Target', exact: true }).first();
    await row(/^target\.config\.auth\.bearer secret sample-token Set .* by local/).waitFor();
    await row(/^notify\.webhook\.secret environment variable NOTICE_SECRET read by the services/).waitFor();
    const replace = async (value: string): Promise<void> => {
      await page.getByRole('button', { name: 'Replace sample-token' }).click();
      const dialog = page.getByRole('dialog', { name: 'Replace the secret sample-token' });
      await dialog.getByLabel('Value').fill(value);
      if (value !== sampleToken) await shoot('secret-form');
      await dialog.getByRole('button', { name: 'Set the secret' }).click();
      await dialog.waitFor({ state: 'detached' });
    };
    const tryIt = its.getByRole('button', { name: 'Test connection of the target' });
    await replace('of-yesterday');
    // Services take a changed secret within seconds.
    await patiently(async () => {
      await tryIt.click();
      await tryIt.filter({ hasText: 'Test connection' }).waitFor();
      expect(await its.innerText()).toMatch(/It does not let us in.*\(401/s);
    });
    await its.getByText(/^Last test: .* by local: Not let in, /).waitFor();
    await shoot('job-credentials');
    expect(await page.content()).not.toContain('of-yesterday');
    await replace(sampleToken);
    await patiently(async () => {
      await tryIt.click();
      await tryIt.filter({ hasText: 'Test connection' }).waitFor();
      expect(await its.innerText()).toMatch(/It lets us in.*: \d+ of type User/s);
    });
    // Another way to get in: tokens of a server that asks for a client's secret.
    const signIn = page.getByRole('region', { name: 'Sign-in at the target' });
    await signIn.getByLabel('How Provident signs in').selectOption('by OAuth 2.0 (client credentials)');
    await signIn.getByLabel('Address of the token endpoint').fill(portal.tokenUrl);
    await signIn.getByLabel('Client id').fill('provident');
    await signIn.getByRole('button', { name: 'Save sign-in' }).scrollIntoViewIfNeeded();
    await shoot('job-sign-in');
    await signIn.getByRole('button', { name: 'Save sign-in' }).click();
    await row(/^target\.config\.auth\.oauth2\.clientSecret secret sample-token Set/).waitFor();
    await patiently(async () => {
      await tryIt.click();
      await tryIt.filter({ hasText: 'Test connection' }).waitFor();
      expect(await its.innerText()).toMatch(/It lets us in.*: \d+ of type User/s);
    });
    expect(new Set(portal.tokensAskedFor)).toEqual(new Set([`provident:${sampleToken}`]));
    await go('/secrets');
    await row(/^sample-token Set .* by local sample target\.config\.auth\.oauth2\.clientSecret/).waitFor();
    expect(await page.getByRole('button', { name: 'Delete sample-token' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Set a secret' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('spare');
    await page.getByRole('dialog').getByLabel('Value').fill('of-no-use');
    await page.getByRole('dialog').getByRole('button', { name: 'Set the secret' }).click();
    await row(/^spare Set .* no job/).waitFor();
    await page.getByRole('button', { name: 'Bring all under the current key' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Bring all under the current key' }).click();
    await seen(/data keys were brought under master key/);
    await shoot('secrets');
    await page.getByRole('button', { name: 'Delete spare' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await row(/^spare /).waitFor({ state: 'detached' });
    await go('/audit?what=Other&result=failure');
    // As often as it was tried before the services had the right one.
    await row(/Other local Sample app Failure the connection to the target was tested: .*401/)
      .first()
      .waitFor();
  });

  test('a restart explains each of its scopes, and asks again for what can harm', async () => {
    await go('/jobs/sample');
    await page.getByRole('button', { name: 'Restart…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Restart People to the sample app' });
    const restart = dialog.getByRole('button', { name: 'Restart' });
    await patiently(async () => expect(await dialog.getByRole('checkbox', { checked: true }).count()).toBe(3));
    await dialog.getByRole('checkbox', { name: 'Match everybody anew', exact: true }).check();
    expect(await restart.isDisabled()).toBe(true);
    await shoot('job-restart');
    await dialog.getByRole('checkbox', { name: 'Match everybody anew', exact: true }).uncheck();
    await restart.click();
    await seen(/^job "sample" is restarted \(quarantine, escrows, watermark\); a new initial cycle opens/);
  });

  test('who did what to the jobs is found by name, and kept as a file', async () => {
    await go('/audit');
    await page.getByLabel('Who', { exact: true }).fill('local');
    await page.getByLabel('What', { exact: true }).selectOption('Rules changed');
    await row(/Rules changed local Sample app Success revision 3 of the job was applied/).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('button', { name: 'Download' })
        .click()
        .then(() => page.getByRole('menuitem', { name: 'All of them as CSV' }).click()),
    ]);
    expect(readFileSync(await file.path(), 'utf8')).toContain('revision 3 of the job was applied');
  });

  test('an API token is made, shown once, signs in, and is refused once it is revoked', async () => {
    await go('/tokens');
    await page.getByRole('button', { name: 'Make a token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('reader of the test');
    await shoot('token-form');
    await dialog.getByRole('button', { name: 'Make a token' }).click();
    const secret = await page.getByRole('textbox', { name: 'API token' }).inputValue();
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await row(/^reader of the test Valid Reports reader \(all jobs\)/).waitFor();
    expect(await page.content()).not.toContain(secret);
    const asks = (path: string) => fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${secret}` } });
    expect([(await asks('/provident/v1/jobs')).status, (await asks('/provident/v1/tokens')).status]).toEqual([200, 403]);
    // What the role does not allow is not there, or is explained.
    await page.evaluate(`sessionStorage.setItem('provident.session', ${JSON.stringify(secret)})`);
    await load('/tokens');
    await seen('To set secrets and make API tokens the role "security administrator" is needed.');
    await go('/jobs/sample');
    await tab('Summary').waitFor();
    expect(await page.getByRole('button', { name: 'Run now' }).count()).toBe(0);
    await go('/jobs/sample?tab=credentials');
    await seen('To set secrets and make API tokens the role "security administrator" is needed.');
    await row(/^target\.config\.auth\.oauth2\.clientSecret secret sample-token Set/).waitFor();
    expect(await page.getByRole('button', { name: /^(Replace|Test connection)/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Signed in as reader of the test' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await load('/tokens');
    await page.getByRole('button', { name: 'Revoke reader of the test' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
    await row(/^reader of the test Revoked/).waitFor();
    // A sign-in that has ended leads to the sign-in, at the same address, and back.
    await page.evaluate(`sessionStorage.setItem('provident.session', ${JSON.stringify(secret)})`);
    await load('/jobs/sample');
    await heading('Sign in').waitFor();
    await shoot('sign-in');
    await page.evaluate('sessionStorage.clear()');
    await page.reload();
    await heading('People to the sample app').waitFor();
  });

  test('where events are sent stands on the page of the installation, with how far each destination is and what holds it up', async () => {
    const everything = { format: { kind: 'cloudevents' as const }, filter: {}, from: 0 };
    await installation.addStream({
      ...everything,
      streamId: 'archive',
      destination: { kind: 'file', file: 'audit.jsonl', rotateBytes: 100_000_000 },
    });
    await installation.addStream({
      ...everything,
      streamId: 'nobody-there',
      destination: { kind: 'webhook', url: `http://127.0.0.1:${await freePort()}/`, secret: 'sample-token' },
    });
    // The page asks anew every few seconds: it is opened once there is what it should tell.
    await patiently(async () => {
      const [archive, nobodyThere] = await installation.streams();
      expect([archive?.lagEvents, nobodyThere?.lastError]).toEqual([0, expect.stringContaining('ECONNREFUSED')]);
    });
    await go('/settings');
    await row(/^archive file audit\.jsonl cloudevents Running nothing [\d,]+ none$/).waitFor();
    await row(/^nobody-there http:\S+ cloudevents Waits for the destination [\d,]+ events 0 .*ECONNREFUSED/).waitFor();
    await page.getByRole('table', { name: 'Where events are sent' }).scrollIntoViewIfNeeded();
    await shoot('installation-streams');
  });

  test('a server that is gone leaves what is known, with its age, and is asked again', async () => {
    await go('/jobs/sample');
    await seen('In scope');
    const api = installation.process('report-api');
    const server = `${origin}/**`;
    api.kill('SIGSTOP');
    try {
      await page.route(server, (route) => route.abort());
      await seen(/Shown is what was known at .* ago/);
      await seen('In scope');
      await shoot('stale');
      // A page whose script is not here yet is waited for, too.
      await go('/new-job');
      await seen('Loading…');
    } finally {
      api.kill('SIGCONT');
      await page.unroute(server);
    }
    await heading('New job').waitFor();
    await page.getByText(/Shown is what was known/).waitFor({ state: 'detached' });
    await go('/jobs/none');
    await seen('There is no job none.');
  });

  test('the installation names every service with its version', async () => {
    await go('/settings');
    for (const service of [...pipeline, 'audit-projector', 'report-api'])
      await row(new RegExp(`^${service} ${service}-1 \\d+\\.\\d+\\.\\d+ `)).waitFor();
    expect(await page.getByText(/Services of different versions run/).count()).toBe(0);
  });

  testPages([
    ['job-cycles', '/jobs/sample?tab=cycles', 'Initial cycle'],
    ['job-mapping', '/jobs/sample?tab=mapping', 'displayName'],
    ['audit', '/audit', 'Rules changed'],
    ['installation', '/settings', 'nobody-there'],
    ['tokens', '/tokens', 'reader of the test'],
    ['not-found', '/nothing-here', '/nothing-here'],
  ]);
});
