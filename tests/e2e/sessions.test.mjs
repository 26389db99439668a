import { readFile } from 'node:fs/promises';
import { demoSession, expect, settled, test } from './fixtures.mjs';

const rows = (page, name) => page.getByRole('table', { name }).locator('tbody tr.row-link');

test('a search narrows the list, is in the address, and is cleared', async ({ page }) => {
    await page.goto('/sessions?range=this_year');
    await settled(page);
    const foot = page.locator('.list-foot');
    const all = await foot.textContent();
    await page.getByRole('searchbox', { name: /^Search project/ }).fill('game-server');
    await expect(page).toHaveURL(/q=game-server/);
    await expect(foot).not.toHaveText(all);
    await expect(rows(page, 'Sessions').first()).toBeVisible();
    const names = await rows(page, 'Sessions').locator('td:first-child').allTextContents();
    expect(names.filter((one) => !one.startsWith('game-server'))).toEqual([]);
    await page.getByRole('searchbox').fill('nobody has such a project');
    await expect(page.getByText('No session fits')).toBeVisible();
    await page.getByRole('button', { name: 'Clear search and filters' }).click();
    await expect(foot).toHaveText(all);
    await expect(page.getByRole('searchbox')).toHaveValue('');
});

test('the list sorts by the server and loads more at its end', async ({ page }) => {
    await page.goto('/sessions?range=this_year');
    await settled(page);
    await page.getByRole('button', { name: 'Cost', exact: true }).click();
    await expect(page).toHaveURL(/sort=cost/);
    const costs = async () => {
        const texts = await rows(page, 'Sessions').locator('td:last-child').allTextContents();
        return texts.map((one) => Number(one.replace(/[$,]/g, '')));
    };
    await expect
        .poll(async () => {
            const all = await costs();
            return all.length > 10 && all.every((cost, index) => index === 0 || all[index - 1] >= cost);
        })
        .toBe(true);
    const foot = page.locator('.list-foot');
    const shown = async () => Number((await foot.textContent()).split(' ')[0].replaceAll(',', ''));
    const before = await shown();
    await page.getByRole('group', { name: 'Sessions' }).evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await expect.poll(shown).toBeGreaterThan(before);
});

test('a session opens from the list, with its requests, and Back returns to the same list', async ({ page }) => {
    await page.goto('/sessions?range=this_year&sort=requests&q=shader-lab');
    await settled(page);
    const counted = await rows(page, 'Sessions').first().locator('td').allTextContents();
    await rows(page, 'Sessions').first().getByRole('link').click();
    await expect(page).toHaveURL(/\/sessions\/[0-9a-f-]{36}$/);
    await settled(page);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Sessions \/ shader-lab · /);
    expect(counted).toContain(await page.locator('.stat').filter({ hasText: 'Requests' }).locator('.stat-value .hint').textContent());

    const table = page.getByRole('table', { name: 'Requests' });
    await expect(table.locator('tbody tr.row-link').first()).toBeVisible();
    const first = table.getByRole('button', { expanded: false }).first();
    await first.press('Enter');
    const detail = page.locator('.request-detail');
    await expect(detail).toBeVisible();
    for (const fact of ['Message id', 'Written to the cache', 'Client', 'Source']) await expect(detail.getByText(fact, { exact: true })).toBeVisible();
    await expect(detail).toContainText(/\.jsonl:\d+/);
    await table.getByRole('button', { expanded: true }).press('Enter');
    await expect(detail).toHaveCount(0);

    await page.goBack();
    await expect(page).toHaveURL(/q=shader-lab/);
    await expect(page.getByRole('searchbox')).toHaveValue('shader-lab');
});

test('the requests of a session are exported', async ({ page, request }) => {
    const session = await demoSession(request);
    await page.goto(`/sessions/${session.id}`);
    await settled(page);
    const started = page.waitForEvent('download');
    await page.locator('.request-panel').getByRole('button', { name: 'Save as CSV' }).click();
    const file = await started;
    expect(file.suggestedFilename()).toBe(`session-${session.id.slice(0, 8)}.csv`);
    const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^\ufefftime,/);
    expect(lines.length - 1).toBe(session.measures.requests);
});

test('a click on the session’s chart opens the request', async ({ page, request }) => {
    const session = await demoSession(request);
    await page.goto(`/sessions/${session.id}`);
    await settled(page);
    const canvas = page.locator('.chart-canvas canvas').first();
    await expect(canvas).toBeVisible();
    const box = await canvas.boundingBox();
    await page.mouse.click(box.x + box.width / 2, box.y + box.height * 0.4);
    await expect(page.locator('.request-detail')).toBeInViewport();
});

test('a session leads to Explore with the same usage', async ({ page, request }) => {
    const session = await demoSession(request);
    await page.goto(`/sessions/${session.id}`);
    await settled(page);
    const cost = await page.locator('.stat').first().locator('.stat-value .hint').textContent();
    await page.getByRole('link', { name: 'Open in Explore' }).click();
    await expect(page).toHaveURL(new RegExp(`session=${session.id}`));
    await expect(page.locator('.explore-total .hint')).toHaveText(cost);
});

test('an unknown session says so', async ({ page, complaints }) => {
    complaints.expected = /404/;
    await page.goto('/sessions/00000000-0000-4000-8000-00000000dead');
    await expect(page.getByText('No such session')).toBeVisible();
    await page.getByRole('link', { name: 'All sessions' }).click();
    await expect(page).toHaveURL(/\/sessions$/);
});
