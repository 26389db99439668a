// The way in, as people take it.
import { expect } from './fixtures.mjs';

export const PASSWORD = 'otters cross quiet rivers';

export const avatar = (page) => page.getByRole('button', { name: /^Account of/ });

/** The first account, from the link that the start prints. */
export async function setUp(page, own) {
    await own.start();
    await page.goto(await own.setUpLink());
    await expect(page.getByRole('heading', { name: 'Welcome to Tidemark' })).toBeVisible();
    expect(new URL(page.url()).hash).toBe('');
    await page.getByLabel('User name').fill('lena');
    await page.getByLabel('Name others see').fill('Lena Berg');
    await page.getByRole('textbox', { name: /^Password/ }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(avatar(page)).toBeVisible();
}

export async function signOut(page) {
    await avatar(page).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
}

export async function fill(page, name, password) {
    await page.getByLabel('User name or mail address').fill(name);
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
}
