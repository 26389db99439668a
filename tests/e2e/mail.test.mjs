// Mail: entered in the form, tried out, and what people who lost their password or have an invitation see of it.
import AxeBuilder from '@axe-core/playwright';
import { MailServer } from '../api/mail_server.mjs';
import { TrustingWorld } from '../api/provider.mjs';
import { avatar, fill, setUp, signOut } from './door.mjs';
import { test as base, expect, settled } from './fixtures.mjs';

const OTHER = 'gravel thimble orchard';

const test = base.extend({
    world: ({}, use) => use(new TrustingWorld({ transcripts: false })),
    mail: async ({ world }, use) => {
        const mail = new MailServer(world.certificate);
        await mail.start();
        await use(mail);
        await mail.stop();
    },
});

test.beforeEach(({ complaints }) => {
    complaints.expected = /status of (40[0149]|502)/;
});

/** The first account, with an address, enters the mail server in the form. */
async function enterMail(page, own, mail) {
    await setUp(page, own);
    await page.evaluate(() =>
        fetch('/api/v1/auth/me', {
            method: 'PUT',
            headers: { 'X-Tidemark-Request': '1', 'content-type': 'application/json' },
            body: JSON.stringify({ display_name: 'Lena Berg', email: 'lena@example.org' }),
        }),
    );
    await page.goto(own.at('/system?tab=mail'));
    await settled(page);
    await page.getByLabel('Send mail through this server').check();
    await page.getByRole('radio', { name: 'STARTTLS' }).check();
    await expect(page.getByRole('textbox', { name: 'Port' })).toHaveValue('587');
    await page.getByRole('radio', { name: 'TLS', exact: true }).check();
    await page.getByRole('textbox', { name: 'Server' }).fill('127.0.0.1');
    await page.getByRole('textbox', { name: 'Port' }).fill(String(mail.port));
    await page.getByLabel('User name').fill('tide');
    await page.getByLabel('Password', { exact: true }).fill('not the secret');
    await page.getByLabel('From address').fill('tidemark');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByLabel('From address')).toHaveAttribute('aria-invalid', 'true');
    await page.getByLabel('From address').fill('tidemark@example.org');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Send test mail' }).click();
    await expect(page.getByRole('alert')).toContainText('refused user name and password: 535');
    await page.getByLabel('Password', { exact: true }).fill('opal-smtp-secret');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Saved.', { exact: true })).toBeVisible();
    await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
    await expect(page.getByText('One is stored. Leave this empty to keep it.')).toBeVisible();
}

test('a lost password: test mail, the mailed link, a new password', async ({ page, own, mail }) => {
    await enterMail(page, own, mail);
    await expect(page.getByLabel('Send to')).toHaveValue('lena@example.org');
    await page.getByRole('button', { name: 'Send test mail' }).click();
    await expect(page.getByText('The mail server took it for lena@example.org.')).toBeVisible();
    expect((await mail.next('lena@example.org')).subject).toBe('Tidemark test mail');
    await signOut(page);
    await page.getByRole('link', { name: 'Forgot password' }).click();
    await page.getByLabel('User name or mail address').fill('lena@example.org');
    await page.getByRole('button', { name: 'Send link' }).click();
    await expect(page.getByText('Look into your mail')).toBeVisible();
    const { link } = await mail.next('lena@example.org');
    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'New password' })).toBeVisible();
    expect(new URL(page.url()).hash).toBe('');
    await page.getByRole('textbox', { name: /^New password/ }).fill(OTHER);
    await page.getByRole('button', { name: 'Save password' }).click();
    await expect(page.getByRole('heading', { name: 'Password saved' })).toBeVisible();
    await page.goto(own.at('/sign-in'));
    await fill(page, 'lena', OTHER);
    await expect(avatar(page)).toBeVisible();
});

test('by mail domain, and by a mailed invitation', async ({ page, own, mail, browser }) => {
    await enterMail(page, own, mail);
    await page.goto(own.at('/people'));
    await page.getByRole('button', { name: 'Add person' }).click();
    await page.getByLabel('Mail address (optional)').fill('bea@example.org');
    await page.getByRole('button', { name: 'Make link' }).click();
    await expect(page.getByText('It is on its way by mail.')).toBeVisible();
    const invitation = await mail.next('bea@example.org');
    expect(invitation.subject).toBe('Your invitation to Tidemark');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.goto(own.at('/system?tab=policy'));
    await page.getByRole('radio', { name: 'By mail domain' }).check();
    await page.getByRole('combobox', { name: 'Mail domains', exact: true }).fill('example.org');
    await page.keyboard.press('Enter');
    await page.locator('.policy-save').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('.policy-save')).toHaveCount(0);
    const context = await browser.newContext();
    const visitor = await context.newPage();
    await visitor.goto(own.at('/sign-in'));
    await visitor.getByRole('link', { name: 'Create an account' }).click();
    await visitor.getByLabel('Mail address').fill('carl@example.org');
    await visitor.getByRole('button', { name: 'Send link' }).click();
    await expect(visitor.getByText('Look into your mail')).toBeVisible();
    await visitor.goto((await mail.next('carl@example.org')).link);
    await visitor.getByLabel('User name').fill('carl');
    await visitor.getByLabel('Name others see').fill('Carl Example');
    await visitor.getByRole('textbox', { name: /^Password/ }).fill(OTHER);
    await visitor.getByRole('button', { name: 'Create account' }).click();
    await expect(visitor.getByRole('button', { name: 'Account of Carl Example' })).toBeVisible();
    await context.close();
});

for (const colorScheme of ['light', 'dark']) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme });
        test('axe finds nothing on the mail settings, on a desk and on a phone', async ({ page, own, mail }) => {
            await enterMail(page, own, mail);
            for (const width of [1440, 390]) {
                await page.setViewportSize({ width, height: 844 });
                const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
                expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`))).toEqual([]);
                expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
            }
        });
    });
}
