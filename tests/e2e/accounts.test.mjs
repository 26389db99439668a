// Behind a locked door: set-up, sign-in, second factor, keys, people, and what each may see.
import AxeBuilder from '@axe-core/playwright';
import { avatar, fill, PASSWORD, setUp, signOut } from './door.mjs';
import { expect, mark, settled, stayed, test } from './fixtures.mjs';
import { totp } from './totp.mjs';

const OTHER = 'seven purple walruses sing';
/** Chromium tells every refused answer on its console. */
const REFUSED = /status of 40[0134]/;

test.beforeEach(({ complaints }) => {
    complaints.expected = REFUSED;
});

/** Calls the API as the page does. */
const call = (page, method, path, body) =>
    page.evaluate(
        async ([verb, where, what]) => {
            const answer = await fetch(`/api/v1/${where}`, {
                method: verb,
                headers: { 'X-Tidemark-Request': '1', ...(what ? { 'content-type': 'application/json' } : {}) },
                body: what ? JSON.stringify(what) : undefined,
            });
            const text = await answer.text();
            return { status: answer.status, body: text ? JSON.parse(text) : null };
        },
        [method, path, body],
    );

test('without an account everything is open, and the settings say how to close it', async ({ page, own }) => {
    await own.start();
    await page.goto(own.at('/settings'));
    await expect(page.getByRole('heading', { name: 'Protect with an account' })).toBeVisible();
    await expect(avatar(page)).toHaveCount(0);
    await expect(page.locator('.nav-link')).toHaveText(['Overview', 'Explore', 'Sessions', 'Settings']);
});

test('set up, sign out, and sign in back to where one wanted to go', async ({ page, own }) => {
    own.write({ tokens: [1000, 1000, 0, 0] });
    await setUp(page, own);
    await expect(page.locator('.nav-link')).toHaveText(['Overview', 'Explore', 'Sessions', 'People', 'Audit log', 'System', 'Settings']);
    await signOut(page);

    await page.goto(own.at('/sessions?range=7d'));
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    expect(new URL(page.url()).searchParams.get('to')).toBe('/sessions?range=7d');
    await fill(page, 'lena', 'not the password');
    await expect(page.getByRole('alert')).toHaveText('Name or password is wrong.');
    await fill(page, 'lena', PASSWORD);
    await expect(page).toHaveURL(own.at('/sessions?range=7d'));
    await settled(page);
    await expect(page.getByRole('table', { name: 'Sessions' }).locator('tbody tr')).not.toHaveCount(0);
});

for (const evil of ['//evil.example/x', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/%09/evil.example']) {
    test(`a link to the sign-in page cannot send people to ${evil}`, async ({ page, own }) => {
        await setUp(page, own);
        await signOut(page);
        await page.goto(own.at(`/sign-in?${new URLSearchParams({ to: evil })}`));
        await fill(page, 'lena', PASSWORD);
        await expect(avatar(page)).toBeVisible();
        expect(new URL(page.url()).origin).toBe(new URL(own.at('/')).origin);
    });
}

test('what is grave asks again who it is, and goes on once it is told', async ({ page, own }) => {
    await setUp(page, own);
    await page.goto(own.at('/security'));
    // As the server answers ten minutes after the sign-in.
    const stale = { code: 'confirmation_needed', detail: 'confirm with your password that it is you', errors: [] };
    const begin = '**/api/v1/auth/me/second-factor';
    await page.route(begin, (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify(stale) }));
    await page.getByRole('button', { name: 'Set up' }).click();
    const dialog = page.getByRole('dialog', { name: 'Is it you?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByRole('alert')).toHaveText('Not done: confirm first that it is you.');
    await page.getByRole('button', { name: 'Set up' }).click();
    const answer = async (password) => {
        await dialog.getByRole('textbox', { name: 'Your password' }).fill(password);
        await dialog.getByRole('button', { name: 'Continue' }).click();
    };
    await answer('not the password');
    await expect(dialog.getByText('That is wrong.')).toBeVisible();
    await page.unroute(begin);
    await answer(PASSWORD);
    await expect(dialog).toHaveCount(0);
    await expect(page.getByText('Scan')).toBeVisible();
});

test('a second factor: set up, asked for, recovery code, switched off', async ({ page, own }) => {
    await setUp(page, own);
    await page.goto(own.at('/security'));
    await page.getByRole('button', { name: 'Set up' }).click();
    await expect(page.getByRole('img', { name: 'QR code for the authenticator app' })).toBeVisible();
    const secret = await page.locator('.secret code').textContent();
    const code = page.getByLabel('Six digits the app shows');
    await code.fill(totp(secret, 40));
    await page.getByRole('button', { name: 'Confirm' }).click();
    await expect(page.getByRole('alert')).toContainText('That code is wrong');
    await code.fill(totp(secret));
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('list', { name: 'Recovery codes' }).waitFor();
    const recovery = await page.getByRole('list', { name: 'Recovery codes' }).locator('li').allTextContents();
    expect(recovery.length).toBeGreaterThanOrEqual(8);
    await page.getByLabel('I have kept them.').check();
    await page.getByRole('button', { name: 'Done' }).click();
    await expect(page.getByText(`${recovery.length} recovery codes are left.`)).toBeVisible();

    await signOut(page);
    await fill(page, 'lena', PASSWORD);
    const asked = page.getByRole('textbox', { name: 'Code' });
    await expect(asked).toHaveAttribute('autocomplete', 'one-time-code');
    await asked.fill(totp(secret, 40));
    await expect(page.getByRole('alert')).toContainText('wrong or was used');
    await asked.fill(totp(secret, 1)); // the last digit sends it
    await expect(avatar(page)).toBeVisible();

    await signOut(page);
    await fill(page, 'lena', PASSWORD);
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await page.getByRole('textbox', { name: 'Recovery code' }).fill(recovery[0]);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await expect(avatar(page)).toBeVisible();

    await page.goto(own.at('/security'));
    await expect(page.getByText(`${recovery.length - 1} recovery codes are left.`)).toBeVisible();
    await page.getByRole('button', { name: 'Switch off' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Your password' }).fill('wrong password here');
    await dialog.getByRole('button', { name: 'Switch off' }).click();
    await expect(dialog.getByRole('alert')).toBeVisible();
    await dialog.getByRole('textbox', { name: 'Your password' }).fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Switch off' }).click();
    await expect(page.getByRole('button', { name: 'Set up' })).toBeVisible();
});

test('a key is shown once, works, is rotated and revoked', async ({ page, own, request }) => {
    await setUp(page, own);
    await page.goto(own.at('/keys'));
    await page.getByRole('button', { name: 'New key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Grafana');
    await dialog.getByRole('button', { name: 'Create key' }).click();
    const key = await dialog.locator('.secret code').first().textContent();
    expect(key).toMatch(/^tmk_/);
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
    await expect(page.getByText(key)).toHaveCount(0);
    const ask = async (text) => (await request.get(own.at('/api/v1/overview'), { headers: { authorization: `Bearer ${text}` } })).status();
    expect(await ask(key)).toBe(200);

    await page.getByRole('button', { name: 'Rotate Grafana' }).click();
    await dialog.getByRole('button', { name: 'Rotate' }).click();
    const fresh = await dialog.locator('.secret code').first().textContent();
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
    expect([await ask(key), await ask(fresh)]).toEqual([200, 200]);
    const table = page.getByRole('table', { name: 'Keys' });
    await expect(table.locator('tbody tr')).toHaveCount(2);
    const old = table.locator('tbody tr', { hasText: key.slice(-4) });
    await expect(old).toContainText('Until ');
    await old.getByRole('button', { name: 'Revoke Grafana' }).click();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await expect(old).toContainText('Revoked');
    expect([await ask(key), await ask(fresh)]).toEqual([401, 200]);
});

test('an invited person sees own pages only, and guessing addresses shows nothing', async ({ page, own, browser }) => {
    await setUp(page, own);
    await page.goto(own.at('/people'));
    await page.getByRole('button', { name: 'Add person' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make link' }).click();
    const link = await page.locator('.secret code').textContent();
    const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1440, height: 900 } });
    const guest = await context.newPage();
    await guest.goto(link);
    await guest.getByLabel('User name').fill('tomas');
    await guest.getByRole('textbox', { name: /^Password/ }).fill('tomas-tomas-12');
    await expect(guest.getByText('Too close to your name.')).toBeVisible();
    await guest.getByRole('textbox', { name: /^Password/ }).fill(OTHER);
    await guest.getByRole('button', { name: 'Create account' }).click();
    await expect(avatar(guest)).toBeVisible();
    await expect(guest.locator('.nav-link')).toHaveText(['Overview', 'Explore', 'Sessions', 'Settings']);
    for (const path of ['/people', '/audit', '/system']) {
        await guest.goto(own.at(path));
        await expect(guest.getByRole('alert').first()).toContainText('Not for your role');
    }
    await guest.goto(link);
    await guest.getByLabel('User name').fill('twice');
    await guest.getByRole('textbox', { name: /^Password/ }).fill(OTHER);
    await guest.getByRole('button', { name: 'Create account' }).click();
    await expect(guest.getByRole('alert')).toContainText('was used, has expired or was withdrawn');
    await context.close();
});

test('a role, a team and an assignment; each stands in the audit log', async ({ page, own }) => {
    own.write({ tokens: [1_000_000, 0, 0, 0] });
    await setUp(page, own);
    expect((await call(page, 'POST', 'people', { username: 'tomas', display_name: 'Tomás', password: OTHER, role: 'user' })).status).toBe(201);
    await page.goto(own.at('/people'));
    await page.getByRole('button', { name: /Tomás/ }).click();
    const drawer = page.getByRole('dialog', { name: 'Person' });
    await drawer.getByRole('combobox', { name: 'Role' }).click();
    await page.locator('.ant-select-item-option', { hasText: /^Administrator$/ }).click();
    const confirm = page.getByRole('dialog', { name: /Change the role/ });
    await expect(confirm).toContainText('From User to Administrator');
    await confirm.getByRole('button', { name: 'Change role' }).click();
    await expect(page.getByRole('table', { name: 'People' }).locator('tr', { hasText: 'Tomás' })).toContainText('Administrator');
    await drawer.getByRole('button', { name: 'Sign out…' }).click();
    const out = page.getByRole('dialog', { name: 'Sign Tomás out' });
    await out.getByRole('button', { name: 'Sign out everywhere' }).click();
    await expect(out).toHaveCount(0);
    await page.keyboard.press('Escape');

    await page.goto(own.at('/people?tab=teams'));
    await page.getByRole('button', { name: 'New team' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Platform');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('combobox', { name: 'Add somebody' }).click();
    await page.locator('.ant-select-item-option', { hasText: 'Tomás' }).click();
    await page.getByRole('checkbox', { name: 'Manages' }).click(); // ticked once the server has it
    await expect(page.getByRole('checkbox', { name: 'Manages' })).toBeChecked();

    await page.goto(own.at('/people?tab=identities'));
    await page.getByRole('button', { name: /^Assign / }).first().click();
    const assign = page.getByRole('dialog');
    await expect(assign.getByRole('region', { name: 'What moves' })).toContainText('$3.00');
    await assign.getByRole('combobox', { name: 'Person' }).click();
    await page.locator('.ant-select-item-option', { hasText: 'Tomás' }).click();
    await expect(assign).toContainText('counts for Tomás and in Platform');
    await assign.getByRole('button', { name: 'Assign' }).click();
    await expect(page.getByText('All usage belongs to somebody.')).toBeVisible();

    await page.goto(own.at('/audit'));
    await expect(page.getByText('Chain intact')).toBeVisible();
    const events = page.getByRole('table', { name: 'Events' });
    for (const what of ['Usage assigned', 'Team made', 'Role changed', 'First account made']) {
        await expect(events.getByRole('button', { name: what }).first()).toBeVisible();
    }
    await events.getByRole('button', { name: 'Role changed' }).click();
    await expect(events.locator('.changes')).toContainText('admin');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('link', { name: 'As CSV' }).click();
    expect((await download).suggestedFilename()).toMatch(/\.csv$/);
});

test('where only totals are told, what is not broken down is a part of its own', async ({ page, own }) => {
    const people = ['anika', 'bruno', 'chiara'];
    const time = new Date(Date.now() - 36 * 3_600_000); // of a day that is over
    for (const name of people) own.write({ project: `/home/${name}/app`, tokens: [1_000_000, 0, 0, 0], time });
    await setUp(page, own);
    for (const name of people) {
        const { body } = await call(page, 'POST', 'people', { username: name, display_name: '', password: OTHER, role: 'user' });
        expect((await call(page, 'POST', 'identities', { kind: 'os_user', value: name, account: body.id })).status).toBe(201);
    }
    const settings = (await call(page, 'GET', 'settings')).body;
    expect((await call(page, 'PUT', 'settings', { ...settings, time_zone: 'Asia/Shanghai' })).status).toBe(200);
    const policy = (await call(page, 'GET', 'policy')).body;
    expect((await call(page, 'PUT', 'policy', { ...policy, privacy: 'totals', minimum_people: 3 })).status).toBe(200);

    await page.goto(own.at('/explore'));
    await settled(page);
    const rows = page.getByRole('table', { name: 'Figures by Project' }).locator('tbody tr');
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText('Not broken down');
    await expect(rows).toContainText('$9.00');
    await expect(page.getByRole('img', { name: /^Cost by Project.*Not broken down \$9/ })).toBeVisible();
    await expect(page.getByText('does not show the hours of others')).toBeVisible();
    await rows.click(); // leads nowhere
    await expect(page).toHaveURL(own.at('/explore'));
    await page.goto(own.at('/?range=7d'));
    await settled(page);
    await expect(page.locator('.ranking')).toContainText('Not broken down$9.00');
    // The month stands beside it, and is of the same people (nothing, where that day is of the month before).
    const { month, now } = (await call(page, 'GET', 'overview?tz=Asia/Shanghai')).body;
    const { total_cost: cost } = (await call(page, 'GET', `usage/summary?tz=Asia/Shanghai&from=${month.from}&to=${now}`)).body;
    expect([month.measures.cost, month.projected_cost]).toEqual([cost, null]);
    await expect(page.locator('.stat').filter({ hasText: 'so far' })).toContainText(`$${cost}.00`);
});

test('an ended access token is renewed without a word', async ({ page, own }) => {
    own.write({ tokens: [1000, 0, 0, 0] });
    await setUp(page, own);
    await page.goto(own.at('/sessions'));
    await settled(page);
    await mark(page);
    await page.context().clearCookies({ name: /tm_access/ });
    await page.getByRole('link', { name: 'Explore', exact: true }).click();
    await settled(page);
    await stayed(page);
    await page.context().clearCookies({ name: /tm_access/ });
    await page.reload();
    await expect(avatar(page)).toBeVisible();
    await settled(page);
});

test('signing out in one tab signs out the others', async ({ page, own }) => {
    await setUp(page, own);
    const other = await page.context().newPage();
    await other.goto(own.at('/explore'));
    await expect(avatar(other)).toBeVisible();
    await signOut(page);
    await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    expect(new URL(other.url()).searchParams.get('to')).toBe('/explore');
});

test('a device that is signed out elsewhere is out', async ({ page, own, browser }) => {
    await setUp(page, own);
    const context = await browser.newContext({ locale: 'en-US' });
    const lost = await context.newPage();
    await lost.goto(own.at('/'));
    await fill(lost, 'lena', PASSWORD);
    await expect(avatar(lost)).toBeVisible();
    await page.goto(own.at('/security'));
    await expect(page.getByText('2 signed in')).toBeVisible();
    await page.getByRole('button', { name: 'Sign out all others' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out all others' }).click();
    await expect(page.getByText('1 signed in')).toBeVisible();
    await lost.goto(own.at('/sessions'));
    await expect(lost.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    await context.close();
});

test('the password is changed, and a bad one is refused at its field', async ({ page, own }) => {
    await setUp(page, own);
    await page.goto(own.at('/security'));
    await page.getByRole('button', { name: 'Change password' }).click();
    const fresh = page.getByRole('textbox', { name: 'New password' });
    await page.getByRole('textbox', { name: 'Current password' }).fill(PASSWORD);
    await fresh.fill('short');
    await expect(page.getByText('7 more characters.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Save password' })).toBeDisabled();
    await fresh.fill('Password2026!!');
    await page.getByRole('button', { name: 'Save password' }).click();
    await expect(page.getByRole('alert')).toContainText('One of the passwords that are tried first');
    await fresh.fill(OTHER);
    await page.getByRole('button', { name: 'Save password' }).click();
    await expect(page.getByText('Password saved.')).toBeVisible();
    await signOut(page);
    await fill(page, 'lena', OTHER);
    await expect(avatar(page)).toBeVisible();
});

test('a new master key, from the page', async ({ page, own }) => {
    await setUp(page, own);
    await page.goto(own.at('/system'));
    const panel = page.locator('section', { has: page.getByRole('heading', { name: 'Master key' }) });
    await panel.getByRole('button', { name: 'New master key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Your password').fill(OTHER);
    await dialog.getByRole('button', { name: 'Begin' }).click();
    await expect(dialog).toContainText('That is wrong.');
    await dialog.getByLabel('Your password').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Begin' }).click();
    await expect(dialog).toBeHidden();
    await expect(panel.getByText('Older', { exact: true })).toBeVisible();
    await expect(panel).toContainText('tidemark key retire-master');
});

test('back to a backup, from the page, and in again', async ({ page, own, complaints }) => {
    // At the moment of the change a question may be hung up on; the page asks again.
    complaints.expected = new RegExp(`${REFUSED.source}|net::ERR_`);
    own.write({ tokens: [1000, 1000, 0, 0] });
    await setUp(page, own);
    await page.goto(own.at('/system?tab=backups'));
    await page.getByRole('button', { name: 'Back up now' }).click();
    const rows = page.getByRole('table', { name: 'Backups' }).locator('tbody tr');
    await expect(rows).toHaveCount(1);
    await expect(rows.first()).toContainText('Verified');
    await call(page, 'POST', 'teams', { name: 'Later' });

    await page.getByRole('button', { name: /^Restore tidemark-/ }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.locator('li')).toHaveCount(4);
    await dialog.getByLabel('Your password').fill(OTHER);
    await dialog.getByRole('button', { name: 'Restore' }).click();
    await expect(dialog).toContainText('That is wrong.');
    await dialog.getByLabel('Your password').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Restore' }).click();

    // The page finds out by itself that nobody is signed in any more.
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible({ timeout: 20_000 });
    await fill(page, 'lena', PASSWORD);
    await expect(page).toHaveURL(own.at('/system?tab=backups'));
    await expect(page.getByText('The server is back at')).toBeVisible();
    await expect(rows).toHaveCount(2);
    expect((await call(page, 'GET', 'teams')).body.teams).toEqual([]);
    await expect(page.getByText(/replaced: [\d.]+\s(KiB|MiB)/)).toBeVisible();
    await page.getByRole('button', { name: 'Remove them' }).click();
    await dialog.getByRole('button', { name: 'Remove them' }).click();
    await expect(page.getByText('that they replaced')).toHaveCount(0);
    await page.goto(own.at('/audit'));
    await expect(page.getByRole('table').locator('tbody tr', { hasText: 'Backup restored' })).toContainText('lena');
});

const INSIDE = ['/profile', '/security', '/keys', '/people', '/people?tab=teams', '/people?tab=identities', '/people?tab=invitations', '/audit', '/system', '/system?tab=policy', '/system?tab=backups'];
const OUTSIDE = ['/sign-in', '/forgot', '/reset#x', '/register#x', '/setup', '/request-registration'];
for (const colorScheme of ['light', 'dark']) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme });
        test('axe finds nothing on the pages of accounts, on a desk and on a phone', async ({ page, own }) => {
            test.setTimeout(180_000);
            await setUp(page, own);
            await call(page, 'POST', 'keys', { name: 'one', scopes: ['read'], teams: [], projects: [] });
            await call(page, 'POST', 'invitations', { role: 'user', team: null });
            const look = async (path) => {
                for (const width of [1440, 390]) {
                    await page.setViewportSize({ width, height: 844 });
                    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
                    expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${path} ${id}: ${node.target.join(' ')}`))).toEqual([]);
                    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
                    expect(over, `${path} at ${width}`).toBeLessThanOrEqual(0);
                }
            };
            for (const path of INSIDE) {
                await page.goto(own.at(path));
                await settled(page);
                await look(path);
            }
            await page.setViewportSize({ width: 1440, height: 844 });
            await signOut(page);
            for (const path of OUTSIDE) {
                await page.goto('about:blank'); // else a change behind the # loads nothing
                await page.goto(own.at(path));
                await expect(page.locator('.entry-card h1')).not.toBeEmpty();
                await look(path);
            }
        });
    });
}
