// What works on every page: palette, keys, theme and language, the address as the view.
import { expect, figure, mark, settled, stayed, test } from './fixtures.mjs';

test('the palette goes to a page, a project and a session', async ({ page }) => {
    await page.goto('/');
    await settled(page);
    await mark(page);
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog', { name: 'Search' });
    await expect(palette.getByRole('combobox')).toBeFocused();
    await page.keyboard.type('explo');
    await expect(palette.getByRole('option').first()).toContainText('Explore');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/explore$/);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Explore');
    await expect(palette).toHaveCount(0);

    await page.getByRole('button', { name: /Search$/ }).click();
    await expect(palette.getByRole('combobox')).toBeFocused();
    await page.keyboard.type('game-server');
    // What is typed is looked for among projects and, after a pause, sessions.
    await expect(palette.getByRole('option').filter({ hasText: 'Project' })).toHaveCount(1);
    await expect(palette.getByRole('option').filter({ hasText: /game-server · / }).first()).toBeVisible();
    await palette.getByRole('option').filter({ hasText: 'Project' }).click();
    await expect(page).toHaveURL(/project=.*game-server/);

    await page.keyboard.press('Control+k');
    await expect(palette.getByRole('combobox')).toBeFocused();
    await page.keyboard.type('game-server');
    await palette.getByRole('option').filter({ hasText: /game-server · / }).first().click();
    await expect(page).toHaveURL(/\/sessions\/[0-9a-f-]{36}$/);
    await stayed(page);
});

test('the palette says when there is nothing, and Escape leaves it', async ({ page }) => {
    await page.goto('/');
    await settled(page);
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox')).toBeFocused();
    await page.keyboard.type('zzzz nothing');
    await expect(page.getByText('Nothing found.')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('g and a letter goes places, ? lists the keys', async ({ page }) => {
    await page.goto('/');
    await settled(page);
    for (const [key, path] of [
        ['e', '/explore'],
        ['s', '/sessions'],
        [',', '/settings'],
        ['o', '/'],
    ]) {
        await page.keyboard.press('g');
        await page.keyboard.press(key);
        await expect.poll(() => new URL(page.url()).pathname).toBe(path);
    }
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toContainText('Go to Sessions');
});

test('Tab reaches the main controls in order, visibly', async ({ page }) => {
    await page.goto('/');
    await settled(page);
    const reached = [];
    for (let step = 0; step < 14; ++step) {
        await page.keyboard.press('Tab');
        reached.push(
            await page.evaluate(() => {
                const { activeElement: at } = document;
                const style = getComputedStyle(at);
                return {
                    name: at.getAttribute('aria-label') || at.textContent.trim(),
                    seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
                };
            }),
        );
    }
    expect(reached.filter((one) => !one.seen)).toEqual([]);
    const names = reached.map((one) => one.name);
    const wanted = [/^Skip to content$/, /Tidemark/, /^Overview$/, /^Explore$/, /^Sessions$/, /^Settings$/, /^Time range/, /Filter$/, /Search$/, /^Appearance/, /^中文$/];
    expect(names.slice(0, wanted.length).map((name, at) => (wanted[at].test(name) ? true : name))).toEqual(wanted.map(() => true));

    await page.evaluate(() => document.activeElement.blur());
    await page.getByRole('link', { name: 'Skip to content' }).focus();
    await page.keyboard.press('Enter');
    await expect(page.locator('main')).toBeFocused();
});

test('a menu is worked with the keyboard alone and gives the focus back', async ({ page }) => {
    await page.goto('/');
    await settled(page);
    const button = page.getByRole('button', { name: /^Time range/ });
    await button.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Last 15 minutes' })).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/range=5h/);
    await expect(button).toBeFocused();
});

test('pointing at a link asks what its page will ask, so that the visit asks nothing new', async ({ page }) => {
    const asked = new Set();
    let pending = 0;
    const counts = (request) => /\/api\/v1\/(usage\/|sessions\?)/.test(request.url());
    const over = (request) => (pending -= counts(request) ? 1 : 0);
    page.on('request', (request) => {
        if (!counts(request)) return;
        pending += 1;
        asked.add(request.url());
    });
    page.on('requestfinished', over);
    page.on('requestfailed', over);
    await page.goto('/');
    await settled(page);
    for (const name of ['Explore', 'Sessions']) {
        const before = asked.size;
        const link = page.getByRole('navigation').getByRole('link', { name });
        await link.hover();
        await expect.poll(() => asked.size > before && pending === 0).toBe(true);
        const ahead = asked.size;
        await link.click();
        await settled(page);
        await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
        expect([...asked].slice(ahead)).toEqual([]);
    }
});

test('the range is in the address, and Back works', async ({ page }) => {
    await page.goto('/');
    await settled(page);
    await mark(page);
    const button = page.getByRole('button', { name: /^Time range/ });
    const choose = async (name) => {
        await button.click();
        await page.getByRole('dialog', { name: 'Time range' }).getByRole('button', { name }).click();
    };
    await choose('Last 7 days');
    await expect(page).toHaveURL(/\?range=7d$/);
    const week = await figure(page, 'Cost · Last 7 days').textContent();
    await choose('Last 90 days');
    await expect(page).toHaveURL(/\?range=90d$/);
    await expect(figure(page, 'Cost · Last 90 days')).not.toHaveText(week);
    await page.goBack();
    await expect(button).toHaveText('Last 7 days');
    await expect(figure(page, 'Cost · Last 7 days')).toHaveText(/^\$/);
    await page.goBack();
    await expect(page).toHaveURL(/\/$/);
    await expect(figure(page, 'Cost today')).toBeVisible();
    await page.goForward();
    await expect(button).toHaveText('Last 7 days');
    await stayed(page);
    await page.reload();
    await expect(button).toHaveText('Last 7 days');
});

test('a free range is in the address too, and a link with it reproduces the view', async ({ page }) => {
    await page.goto('/explore?metric=requests');
    await settled(page);
    await page.getByRole('button', { name: /^Time range/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Time range' });
    const day = new Date(Date.now() - 20 * 86_400_000).toISOString().slice(0, 10);
    await dialog.getByLabel('From').fill(`${day}T00:00`);
    const answered = page.waitForResponse(/\/usage\/summary/);
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await answered;
    await expect(page).toHaveURL(new RegExp(`from=${day}T00%3A00&to=`));
    await settled(page);
    const total = await page.locator('.explore-total .hint').textContent();
    const label = await page.getByRole('button', { name: /^Time range/ }).textContent();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await expect(other.locator('.explore-total .hint')).toHaveText(total);
    await expect(other.getByRole('button', { name: /^Time range/ })).toHaveText(label);
});

test.describe('with a server of its own', () => {
    test.use({ colorScheme: 'light' });

    test('language and theme switch without a reload, everywhere at once, and stay', async ({ page, own }) => {
        own.write({ tokens: [1000, 1000, 0, 0] });
        await own.start();
        await page.goto(own.at('/'));
        await settled(page);
        await mark(page);
        const other = await page.context().newPage();
        await other.goto(own.at('/sessions'));
        await settled(other);
        await mark(other);

        await page.getByRole('button', { name: '中文' }).click();
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('总览');
        await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
        await expect(page.locator('.nav-link')).toHaveText(['总览', '分析', '会话', '设置']);
        await expect(figure(page, '今日费用')).toHaveText(/^(US)?\$/);
        await expect(other.getByRole('heading', { level: 1 })).toHaveText('会话');

        const background = (one) => one.evaluate(() => getComputedStyle(document.body).backgroundColor);
        expect(await background(page)).toBe('rgb(246, 247, 246)');
        await page.getByRole('button', { name: '外观与语言' }).click();
        await page.getByRole('button', { name: '深色' }).click();
        await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
        expect(await background(page)).toBe('rgb(10, 17, 16)');
        await expect(other.locator('html')).toHaveAttribute('data-theme', 'dark');
        await stayed(page);
        await stayed(other);

        await page.reload();
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('总览');
        await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
        await page.getByRole('button', { name: 'EN' }).click();
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
    });
});
