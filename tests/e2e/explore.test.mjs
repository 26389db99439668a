import { readFile } from 'node:fs/promises';
import { expect, settled, test } from './fixtures.mjs';

const chart = (page, name) => page.getByRole('img', { name });
const menu = async (page, name, option) => {
    await page.getByRole('button', { name: new RegExp(`^${name}: `) }).click();
    await page.getByRole('dialog', { name }).getByRole('button', { name: option, exact: true }).click();
};

test.beforeEach(async ({ page }) => {
    await page.goto('/explore');
    await settled(page);
});

test('metric, group and step change the address and the chart', async ({ page }) => {
    await expect(chart(page, /^Cost by Project/)).toBeVisible();
    await page.getByRole('radio', { name: 'Tokens' }).click();
    await expect(page).toHaveURL(/metric=total_tokens/);
    await expect(chart(page, /^Tokens by Project.*Highest: [\d.]+\s[kMB]/)).toBeVisible();
    await expect(page.locator('.explore-total')).toHaveText(/^Tokens: [\d.,]+\s[kMB]$/);

    await menu(page, 'Group by', 'Model');
    await expect(page).toHaveURL(/metric=total_tokens&group=model/);
    const byDay = chart(page, /^Tokens by Model/);
    await expect(byDay).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Model breakdown' })).toBeVisible();
    const days = await byDay.getAttribute('aria-label');
    const picture = () => page.locator('.chart-canvas canvas').first().evaluate((canvas) => canvas.toDataURL());
    const before = await picture();

    await menu(page, 'Step', 'Week');
    await expect(page).toHaveURL(/bucket=1w/);
    await expect(byDay).not.toHaveAttribute('aria-label', days);
    await expect.poll(picture).not.toBe(before);

    await page.goBack();
    await expect(byDay).toHaveAttribute('aria-label', days);
    await page.goBack();
    await page.goBack();
    await expect(chart(page, /^Cost by Project/)).toBeVisible();
    await expect(page.getByRole('radio', { name: 'Cost', exact: true })).toBeChecked();
});

test('a ratio is a line, and sessions of several models are never piled up', async ({ page }) => {
    await page.getByRole('radio', { name: 'Cache hits' }).click();
    await expect(chart(page, /^Cache hits by Project.*%/)).toBeVisible();
    await expect(page.getByRole('radiogroup', { name: 'Shown as' }).getByRole('radio')).toHaveCount(2);
});

test('a filter becomes a chip, narrows the figures, and goes away', async ({ page }) => {
    const total = page.locator('.explore-total .hint');
    const whole = await total.textContent();
    await page.getByRole('button', { name: '+ Filter' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a filter' });
    await dialog.getByRole('button', { name: /^Project/ }).click();
    const value = dialog.getByRole('checkbox').first();
    const name = (await value.textContent()).replace('✓', '');
    await value.click();
    await expect(value).toHaveAttribute('aria-checked', 'true');
    await page.keyboard.press('Escape');
    await expect(page).toHaveURL(/[?&]project=/);
    const chip = page.getByRole('group', { name: 'Filters' }).getByRole('button', { name: `Project ${name}` });
    await expect(chip).toBeVisible();
    await expect(total).not.toHaveText(whole);
    await expect(page.getByRole('table', { name: 'Figures by Project' }).locator('tbody tr')).toHaveCount(1);
    await page.getByRole('button', { name: 'Remove filter Project' }).click();
    await expect(chip).toHaveCount(0);
    await expect(page).not.toHaveURL(/project=/);
});

test('a row drills down, and Back comes up again', async ({ page }) => {
    const table = page.getByRole('table', { name: /^Figures by/ });
    const name = await table.locator('.explore-row-name').first().textContent();
    await table.locator('.explore-row-name').first().click();
    await expect(page).toHaveURL(/project=.*&group=|group=.*project=/);
    await expect(page.getByRole('button', { name: `Project ${name}` })).toBeVisible();
    await expect(page.getByRole('heading', { name: /breakdown$/ })).not.toHaveText('Project breakdown');
    await page.goBack();
    await expect(page.getByRole('heading', { name: /breakdown$/ })).toHaveText('Project breakdown');
});

test('the table sorts by the server, and its columns can be chosen', async ({ page }) => {
    const table = page.getByRole('table', { name: 'Figures by Project' });
    await table.getByRole('button', { name: 'Requests' }).click();
    await expect(page).toHaveURL(/sort=requests/);
    await expect(table.getByRole('columnheader', { name: /Requests/ })).toHaveAttribute('aria-sort', 'descending');
    const column = await table.locator('thead th').allTextContents();
    const at = column.findIndex((one) => one.startsWith('Requests'));
    await expect
        .poll(async () => {
            const cells = await table.locator(`tbody tr td:nth-child(${at + 1})`).allTextContents();
            const counts = cells.map((one) => Number(one.replaceAll(',', '')));
            return counts.length > 3 && counts.every((count, index) => index === 0 || counts[index - 1] >= count);
        })
        .toBe(true);
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('dialog', { name: 'Columns' }).getByRole('checkbox', { name: 'Output tokens' }).click();
    await expect(table.getByRole('columnheader', { name: 'Output tokens' })).toBeVisible();
    await page.reload();
    await expect(table.getByRole('columnheader', { name: 'Output tokens' })).toBeVisible();
});

test('the legend switches lines, and every chart is a table as well', async ({ page }) => {
    const legend = page.getByRole('group', { name: /legend/i }).getByRole('button');
    const first = legend.first();
    await expect(first).toHaveAttribute('aria-pressed', 'true');
    await first.click();
    await expect(first).toHaveAttribute('aria-pressed', 'false');
    await page.getByRole('radio', { name: 'Table' }).click();
    await expect(page).toHaveURL(/view=table/);
    await expect(page.getByRole('table', { name: 'Cost by Project' }).locator('tbody tr')).toHaveCount(30);
});

test('a view is saved, found again and deleted', async ({ page }) => {
    await page.goto('/explore?metric=requests&group=model&range=90d');
    await settled(page);
    const open = () => page.getByRole('button', { name: 'Saved views' }).click();
    await open();
    await page.getByLabel('Name of this view').fill('Requests by model');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.goto('/explore');
    await open();
    await page.getByRole('button', { name: 'Requests by model', exact: true }).click();
    await expect(page).toHaveURL(/metric=requests&group=model&range=90d/);
    await open();
    await page.getByRole('button', { name: 'Delete Requests by model' }).click();
    await expect(page.getByText('None yet.')).toBeVisible();
});

async function download(page, item) {
    await page.getByRole('button', { name: 'Export' }).click();
    const started = page.waitForEvent('download');
    await page.getByRole('button', { name: item }).click();
    const file = await started;
    return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

test('figures, table and picture are exported', async ({ page, request }) => {
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    const range = 'from=2026-01-01T00:00&to=' + `${yesterday}T00:00`;
    await page.goto(`/explore?${range}&compare=none&bucket=1d`);
    await settled(page);
    const { name, bytes } = await download(page, 'Chart figures (CSV)');
    expect(name).toMatch(/^tidemark-cost-by-project-.*\.csv$/);
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const [head, ...rows] = bytes.toString('utf8').replace(/^\ufeff/, '').trimEnd().split('\r\n').map((row) => row.split(','));
    expect(head[0]).toBe('Time');
    expect(head).toContain('game-server');
    expect(head.at(-1)).toBe('Other');
    expect(rows[0][0]).toMatch(/^20\d\d-\d\d-\d\dT\d\d:00:00\.000Z$/);
    const sum = rows.flatMap((row) => row.slice(1)).reduce((all, one) => all + Number(one), 0);
    const asked = new URLSearchParams({ from: '2025-12-31T16:00:00Z', to: `${new Date(Date.parse(yesterday) - 8 * 3_600_000).toISOString()}`, tz: 'Asia/Shanghai' });
    const summary = await (await request.get(`/api/v1/usage/summary?${asked}`)).json();
    expect(sum).toBeCloseTo(summary.total_cost, 4);

    const table = await download(page, 'Table (CSV)');
    expect(table.name).toMatch(/-table\.csv$/);
    const lines = table.bytes.toString('utf8').replace(/^\ufeff/, '').trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^Project,key,Cost,Share,Change,Tokens,Requests,Cache hits,/);
    expect(lines.at(-1)).toMatch(/^Total,/);

    const png = await download(page, 'Chart picture (PNG)');
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
    const svg = await download(page, 'Chart drawing (SVG)');
    expect(svg.bytes.toString()).toContain('<svg');
});

test('a click on a bar drills down, and dragging zooms', async ({ page }) => {
    await page.goto('/explore?range=90d&group=none');
    await settled(page);
    const canvas = page.locator('.chart-canvas canvas').first();
    await expect(canvas).toBeVisible();
    const box = await canvas.boundingBox();
    const y = box.y + box.height * 0.6;
    await page.mouse.move(box.x + box.width * 0.3, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.45, y, { steps: 4 });
    await page.mouse.move(box.x + box.width * 0.6, y, { steps: 4 });
    await page.mouse.up();
    await expect(page).toHaveURL(/from=20.*&to=20/);
    const range = (address) => {
        const { searchParams } = new URL(address);
        return (Date.parse(searchParams.get('to')) - Date.parse(searchParams.get('from'))) / 86_400_000;
    };
    const zoomed = range(page.url());
    expect(zoomed).toBeGreaterThan(20);
    expect(zoomed).toBeLessThan(35);
    await settled(page);
    await page.mouse.click(box.x + box.width * 0.5, y);
    await expect.poll(() => range(page.url())).toBeLessThan(2);
});

test('figures of another question are marked until the new ones come', async ({ page }) => {
    await page.goto('/explore');
    await settled(page);
    const total = page.locator('[aria-busy="true"] .explore-total');
    await expect(total).toHaveCount(0);
    let release;
    const held = new Promise((resolve) => (release = resolve));
    // The chart's answer comes at once, the figure's does not.
    await page.route(/\/usage\/summary/, async (route) => {
        await held;
        await route.continue();
    });
    const old = await page.locator('.explore-total').textContent();
    await page.getByRole('button', { name: /^Time range/ }).click();
    await page.getByRole('dialog', { name: 'Time range' }).getByRole('button', { name: 'Last 7 days' }).click();
    await expect(total).toHaveText(old);
    release();
    await settled(page);
    await expect(page.locator('.explore-total')).not.toHaveText(old);
});
