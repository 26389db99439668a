// Every page loads, shows figures, and axe finds nothing on it.
import AxeBuilder from '@axe-core/playwright';
import { demoSession, expect, settled, test } from './fixtures.mjs';

const PAGES = {
    overview: '/',
    explore: '/explore',
    sessions: '/sessions?range=7d',
    session: '/sessions/:id',
    settings: '/settings',
    prices: '/settings?tab=prices',
    sources: '/settings?tab=sources',
    about: '/settings?tab=about',
};

async function visit(page, request, path) {
    const id = path.includes(':id') ? (await demoSession(request)).id : '';
    await page.goto(path.replace(':id', id));
    await settled(page);
    // A chart is drawn once its canvas is there.
    if (await page.locator('.chart-canvas').count()) await expect(page.locator('.chart-canvas canvas').first()).toBeVisible();
}

const COLOURS = ['color-contrast', 'link-in-text-block'];

/** In words, so that a failure can be read. Legacy mode: there are no frames to look into. */
async function violations(page, { inside = null, rules = null } = {}) {
    const axe = new AxeBuilder({ page }).setLegacyMode();
    if (inside) axe.include(inside);
    if (rules) axe.withRules(rules);
    const { violations: found } = await axe.analyze();
    return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}\n${node.failureSummary}`));
}

test('every page of the menu shows its figures', async ({ page }) => {
    await page.goto('/');
    await settled(page);
    const links = page.getByRole('navigation', { name: 'Main navigation' }).locator('.nav-link');
    await expect(links).toHaveText(['Overview', 'Explore', 'Sessions', 'Settings']);
    const money = /^\$[\d,.]+$/;
    const shows = {
        Overview: async () => {
            await expect(page.locator('.stat')).toHaveCount(5);
            await expect(page.locator('.stat-value .hint').first()).toHaveText(money);
            await expect(page.getByRole('img', { name: /^Usage over time/ })).toBeVisible();
        },
        Explore: async () => {
            await expect(page.locator('.explore-total .hint')).toHaveText(money);
            await expect(page.getByRole('img', { name: /^Cost by Project.*Highest: \$/ })).toBeVisible();
            await expect(page.getByRole('table', { name: 'Figures by Project' }).locator('tbody tr')).not.toHaveCount(0);
            await expect(page.getByRole('heading', { name: 'Hours of the week' })).toBeVisible();
        },
        Sessions: async () => {
            await expect(page.getByRole('table', { name: 'Sessions' }).locator('tbody tr.row-link').first()).toContainText('$');
            await expect(page.locator('.list-foot')).toHaveText(/^[\d,]+ of [\d,]+ sessions$/);
        },
        Settings: async () => {
            await expect(page.getByRole('radiogroup', { name: 'Theme' })).toBeVisible();
        },
    };
    for (const name of ['Explore', 'Sessions', 'Settings', 'Overview']) {
        await links.filter({ hasText: name }).click();
        await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
        await expect(page).toHaveTitle(`${name} · Tidemark`);
        await settled(page);
        await shows[name]();
    }
});

test('a session shows its figures, its chart and its requests', async ({ page, request }) => {
    await visit(page, request, '/sessions/:id');
    await expect(page.locator('.stat')).toHaveCount(5);
    await expect(page.getByRole('img', { name: /^Context and cost of \d+ requests/ })).toBeVisible();
    for (const panel of ['Agents', 'Tools', 'Events', 'Requests']) {
        await expect(page.getByRole('heading', { level: 2, name: panel })).toBeVisible();
    }
});

test('the sources page lists the demo’s folder', async ({ page, request }) => {
    await visit(page, request, '/settings?tab=sources');
    const row = page.getByRole('table', { name: 'Folders' }).locator('tbody tr');
    await expect(row).toHaveCount(1);
    await expect(row).toContainText('data-demo/claude/projects');
    await expect(row).toContainText(/Watched|Looked at regularly/);
});

test('an address that is nowhere says so', async ({ page }) => {
    await page.goto('/nowhere');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found');
    await page.getByRole('link', { name: 'Go to the overview' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
});

test('the policy keeps pages and workers to their origin', async ({ request }) => {
    const policy = (await request.get('/')).headers()['content-security-policy'];
    const directives = Object.fromEntries(policy.split(';').map((one) => [one.trim().split(' ')[0], one.trim()]));
    expect(directives['default-src']).toBe("default-src 'self'");
    expect(directives['connect-src']).toBe("connect-src 'self'");
    expect(directives['script-src'] ?? '').not.toContain('unsafe');
});

for (const locale of ['zh-CN', 'en']) {
    test.describe(locale, () => {
        test.use({ colorScheme: 'light', locale });
        for (const [name, path] of Object.entries(PAGES)) {
            test(`axe, light and dark: ${name}`, async ({ page, request }) => {
                await visit(page, request, path);
                const document = page.locator('html');
                await expect(document).toHaveAttribute('lang', locale);
                await expect(document).toHaveAttribute('data-theme', 'light');
                expect(await violations(page)).toEqual([]);
                // The page follows the system's theme, which changes nothing but colours.
                await page.emulateMedia({ colorScheme: 'dark' });
                await expect(document).toHaveAttribute('data-theme', 'dark');
                expect(await violations(page, { rules: COLOURS })).toEqual([]);
            });
        }
    });
}

test.describe('phone', () => {
    test.use({ viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true });
    for (const name of ['overview', 'explore', 'sessions', 'session', 'settings', 'prices']) {
        const path = PAGES[name];
        test(`fits, axe: ${name}`, async ({ page, request }) => {
            await visit(page, request, path);
            const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
            expect(wider, 'pixels too wide').toBeLessThanOrEqual(0);
            expect(await violations(page)).toEqual([]);
        });
    }

    test('the menu is at the bottom and goes everywhere', async ({ page }) => {
        await page.goto('/');
        await settled(page);
        const links = page.locator('.nav-link');
        const box = await links.first().boundingBox();
        expect(box.y).toBeGreaterThan(700);
        await links.filter({ hasText: 'Sessions' }).tap();
        await expect(page.getByRole('list', { name: 'Sessions' }).getByRole('listitem').first()).toBeVisible();
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sessions');
    });
});

for (const colorScheme of ['light', 'dark']) {
    test.describe(`${colorScheme} panels`, () => {
        test.use({ colorScheme });
        test('axe: palette, menus and dialogs', async ({ page }) => {
            const opened = async (name) => {
                await expect(page.getByRole('dialog', { name })).toBeVisible();
                expect(await violations(page, { inside: ['dialog, [role="dialog"]'] }), name).toEqual([]);
            };
            await page.goto('/');
            await settled(page);
            await page.keyboard.press('Control+k');
            await opened('Search');
            await page.keyboard.press('Escape');
            await page.keyboard.press('?');
            await opened('Keyboard shortcuts');
            await page.keyboard.press('Escape');
            await page.getByRole('button', { name: /^Time range/ }).click();
            await opened('Time range');
            await page.keyboard.press('Escape');
            await page.getByRole('button', { name: '+ Filter' }).click();
            await opened('Add a filter');
            await page.getByRole('dialog').getByRole('button', { name: /^Kind|^Model/ }).first().click();
            await opened('Add a filter');
            await page.goto('/settings?tab=prices');
            await page.getByRole('button', { name: /^Change / }).first().click();
            await page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running'));
            await opened(/^Price of/);
        });
    });
}
