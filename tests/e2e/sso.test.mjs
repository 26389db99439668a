// Through an identity provider: set up in the form, there and back in a real browser, and what people see on the way.
import AxeBuilder from '@axe-core/playwright';
import { TestProvider, TrustingWorld } from '../api/provider.mjs';
import { avatar, fill, PASSWORD, setUp, signOut } from './door.mjs';
import { test as base, expect, settled } from './fixtures.mjs';

const test = base.extend({
    ignoreHTTPSErrors: true, // the provider's certificate signs itself
    world: ({}, use) => use(new TrustingWorld({ transcripts: false })),
    provider: async ({ world }, use) => {
        const provider = new TestProvider(world.certificate);
        provider.asks = true;
        provider.people = {
            bea: { name: 'Bea Example', preferred_username: 'bea', email: 'bea@example.org', email_verified: true, groups: ['leads'] },
        };
        await use(provider);
        await provider.stop();
    },
});

test.beforeEach(({ complaints }) => {
    complaints.expected = /status of 40[0134]/;
});

/** The first account enters the provider in the form, with what the form says to enter at the provider. */
async function enterProvider(page, own, provider, complaints) {
    await setUp(page, own);
    await page.goto(own.at('/system?tab=policy'));
    await settled(page);
    const form = page.locator('form').filter({ has: page.getByLabel('Redirect URI') });
    const redirect = await form.getByLabel('Redirect URI').inputValue();
    expect(redirect).toBe(own.at('/api/v1/auth/oidc/callback'));
    await provider.start([{ client_id: 'tidemark', client_secret: 'opal-meadow-secret', redirect_uris: [redirect] }]);
    complaints.elsewhere = provider.issuer;
    await form.getByLabel('People sign in through it').check();
    await form.getByLabel('Name on the button').fill('Test ID');
    await form.getByLabel('Issuer').fill(`${provider.issuer}/elsewhere`);
    await form.getByLabel('Client ID').fill('tidemark');
    await form.getByLabel('Client secret').fill('opal-meadow-secret');
    await form.getByRole('combobox', { name: 'Scopes' }).fill('groups');
    await page.keyboard.press('Enter');
    await form.getByRole('button', { name: 'Add a group' }).first().click();
    await form.getByRole('textbox', { name: 'Group', exact: true }).fill('leads');
    await form.getByRole('combobox', { name: 'Role' }).click();
    await page.locator('.ant-select-item-option', { hasText: 'Administrator' }).first().click();
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(form.getByLabel('Issuer')).toHaveAttribute('aria-invalid', 'true');
    await form.getByLabel('Issuer').fill(provider.issuer);
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(form.getByText('One is stored. Leave this empty to keep it.')).toBeVisible();
    await expect(form.getByLabel('Client secret')).toHaveValue('');
}

test('there and back: a person comes in with role and name, and to the page that was wanted', async ({ page, own, provider, complaints }) => {
    await enterProvider(page, own, provider, complaints);
    await signOut(page);
    await page.goto(own.at('/sessions?range=7d'));
    await page.getByRole('link', { name: 'Continue with Test ID' }).click();
    await expect(page).toHaveTitle('Test ID');
    await page.getByRole('button', { name: 'Bea Example' }).click();
    await expect(page).toHaveURL(own.at('/sessions?range=7d'));
    await expect(page.getByRole('button', { name: 'Account of Bea Example' })).toBeVisible();
    await settled(page);
    await expect(page.locator('.nav-link', { hasText: 'People' })).toBeVisible(); // an administrator, by the group
    await page.reload();
    await expect(page.getByRole('button', { name: 'Account of Bea Example' })).toBeVisible();
    // Out, and in again: the provider still knows her.
    await signOut(page);
    await page.getByRole('link', { name: 'Continue with Test ID' }).click();
    await expect(avatar(page)).toBeVisible();
});

test('who is sent back is told why, and can start again', async ({ page, own, provider, complaints }) => {
    await enterProvider(page, own, provider, complaints);
    await signOut(page);
    await page.getByRole('link', { name: 'Continue with Test ID' }).click();
    await page.getByRole('button', { name: 'Nobody' }).click();
    await expect(page.getByRole('alert')).toHaveText('The identity provider did not let you in.');
    await page.getByRole('link', { name: 'Continue with Test ID' }).click();
    await expect(page).toHaveTitle('Test ID');
    // An answer that this browser did not ask for.
    await page.goto(own.at('/api/v1/auth/oidc/callback?state=made-up&code=made-up'));
    await expect(page.getByRole('alert')).toContainText('Please start again.');
    await page.goto(own.at('/sign-in?problem=%3Cimg%20src%3Dx%3E'));
    await expect(page.getByRole('alert')).toContainText('could not be accepted');
});

test('an account with a password is connected on the page, and parted again', async ({ page, own, provider, complaints }) => {
    await enterProvider(page, own, provider, complaints);
    await page.goto(own.at('/security'));
    const panel = page.locator('.panel').filter({ has: page.getByRole('heading', { name: 'Identity provider' }) });
    await panel.getByRole('button', { name: 'Connect with Test ID' }).click();
    await page.getByRole('button', { name: 'Nobody' }).click();
    await expect(panel.getByRole('alert')).toHaveText('Test ID did not agree.');
    await panel.getByRole('button', { name: 'Connect with Test ID' }).click();
    await page.getByRole('button', { name: 'Bea Example' }).click();
    await expect(page).toHaveURL(own.at('/security'));
    await expect(panel.getByText('Connected', { exact: true })).toBeVisible();
    await signOut(page);
    await page.getByRole('link', { name: 'Continue with Test ID' }).click();
    await expect(page.getByRole('button', { name: 'Account of Lena Berg' })).toBeVisible();
    await page.goto(own.at('/security'));
    await panel.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
    await expect(panel.getByText('Not connected')).toBeVisible();
});

test('through the provider only: passwords are for emergencies', async ({ page, own, provider, complaints }) => {
    await enterProvider(page, own, provider, complaints);
    const status = await page.evaluate(async () => {
        const send = (verb, where, what) =>
            fetch(`/api/v1/${where}`, { method: verb, headers: { 'X-Tidemark-Request': '1', 'content-type': 'application/json' }, body: what && JSON.stringify(what) });
        const me = await (await send('GET', 'auth/me')).json();
        const policy = await (await send('GET', 'policy')).json();
        await send('PUT', `people/${me.id}/break-glass`, { on: true });
        return (await send('PUT', 'policy', { ...policy, provider_only: true })).status;
    });
    expect(status).toBe(200);
    await signOut(page);
    await expect(page.getByLabel('User name or mail address')).toHaveCount(0);
    await page.getByRole('button', { name: 'Sign in with a password, in an emergency' }).click();
    await fill(page, 'lena', PASSWORD);
    await expect(page.getByRole('button', { name: 'Account of Lena Berg' })).toBeVisible();
});

for (const colorScheme of ['light', 'dark']) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme });
        test('axe finds nothing on the form and the button, on a desk and on a phone', async ({ page, own, provider, complaints }) => {
            const look = async (what) => {
                for (const width of [1440, 390]) {
                    await page.setViewportSize({ width, height: 844 });
                    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
                    expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${what} ${id}: ${node.target.join(' ')}`))).toEqual([]);
                    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
                    expect(over, `${what} at ${width}`).toBeLessThanOrEqual(0);
                }
            };
            await enterProvider(page, own, provider, complaints);
            await look('form');
            await page.setViewportSize({ width: 1440, height: 844 });
            await signOut(page);
            await expect(page.getByRole('link', { name: 'Continue with Test ID' })).toBeVisible();
            await look('button');
        });
    });
}
