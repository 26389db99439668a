// Names come from files that anyone may have written: they are text, on every page, in tooltips and in files.
import { readFile } from 'node:fs/promises';
import { expect, settled, test } from './fixtures.mjs';

const IMG = '<img src=x onerror=alert(1)>';
const PROJECT = `/home/dev/${IMG}`;
const BRANCH = '"><script>alert(2)</script>';
const MODEL = `claude-${IMG}`;

test('names with markup are shown as text on every page', async ({ page, own }) => {
    const session = own.write({ project: PROJECT, branch: BRANCH, tokens: [1000, 100_000, 0, 0] });
    own.write({ session, project: PROJECT, branch: BRANCH, model: MODEL, tokens: [1000, 100_000, 0, 0] });
    own.write({ tokens: [1000, 1000, 0, 0] });
    await own.start();
    const text = (what) => page.getByText(what).first();
    const harmless = async (where) => {
        const found = await page.evaluate(() => document.querySelectorAll('img[src="x"], main script, dialog script').length);
        expect(found, where).toBe(0);
    };
    /** Tooltips are HTML that the chart library puts in. */
    const pointAt = async (part) => {
        const canvas = page.locator('.chart-canvas canvas').first();
        await expect(canvas).toBeVisible();
        const box = await canvas.boundingBox();
        for (let step = 1; step < 60; ++step) {
            await page.mouse.move(box.x + (box.width * step) / 60, box.y + box.height * 0.75);
            const tooltip = page.locator('.chart-tooltip');
            if ((await tooltip.count()) && (await tooltip.first().innerText()).includes(part)) return;
        }
        throw new Error(`no tooltip with ${part}`);
    };

    for (const path of ['/', '/?group=project']) {
        await page.goto(own.at(path));
        await settled(page);
        await expect(text(IMG)).toBeVisible();
        await pointAt(path === '/' ? '$' : IMG);
        await harmless(path);
    }
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox')).toBeFocused();
    await page.keyboard.type('<img');
    await expect(page.getByRole('option').filter({ hasText: IMG }).first()).toBeVisible();
    await harmless('palette');

    for (const group of ['project', 'branch', 'model', 'session']) {
        await page.goto(own.at(`/explore?range=today&group=${group}&bucket=1h`));
        await settled(page);
        if (group !== 'session') await expect(text(group === 'branch' ? BRANCH : IMG)).toBeVisible();
        await pointAt('$');
        await harmless(`explore by ${group}`);
    }
    await page.goto(own.at(`/explore?range=today&project=${encodeURIComponent(PROJECT)}&branch=${encodeURIComponent(BRANCH)}`));
    await settled(page);
    await page.getByRole('button', { name: `Branch ${BRANCH}` }).click();
    await expect(page.getByRole('checkbox', { name: BRANCH })).toBeChecked();
    await harmless('filters');

    await page.goto(own.at('/sessions'));
    await settled(page);
    await expect(text(IMG)).toBeVisible();
    await expect(text(BRANCH)).toBeVisible();
    await harmless('sessions');
    await page.goto(own.at(`/sessions/${session}`));
    await settled(page);
    await expect(page.getByRole('heading', { level: 1 })).toContainText(IMG);
    await pointAt('$');
    await page.getByRole('table', { name: 'Requests' }).getByRole('button', { expanded: false }).first().click();
    await harmless('session');

    await page.goto(own.at('/settings?tab=prices'));
    await settled(page);
    await expect(page.getByRole('table', { name: 'Models without a price' })).toContainText(MODEL);
    await page.getByRole('button', { name: `Set price of ${MODEL}` }).click();
    await expect(page.getByRole('dialog')).toContainText(MODEL);
    await harmless('prices');
    await page.goto(own.at('/settings?tab=sources'));
    await settled(page);
    await harmless('sources');
});

test('a name that is a formula stays a name in the exported table', async ({ page, own }) => {
    own.write({ project: '/home/dev/=cmd()', tokens: [1000, 1000, 0, 0] });
    own.write({ project: '/home/dev/a,"b"', tokens: [1000, 1000, 0, 0] });
    await own.start();
    await page.goto(own.at('/explore'));
    await settled(page);
    await page.getByRole('button', { name: 'Export' }).click();
    const started = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Table (CSV)' }).click();
    const lines = (await readFile(await (await started).path(), 'utf8')).split('\r\n').map((line) => line.slice(0, 12));
    expect(lines.some((line) => line.startsWith("'=cmd(),"))).toBe(true);
    expect(lines.some((line) => line.startsWith('"a,""b""",'))).toBe(true);
});
