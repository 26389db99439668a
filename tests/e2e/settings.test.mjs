// What is set stays set, and says what it changed. Each test has a server of its own.
import { expect, figure, settled, test } from './fixtures.mjs';

/** Sonnet 4.5: $3 / $15 a million. */
const MILLION = [1_000_000, 1_000_000, 0, 0];

async function pick(page, name, option) {
    await page.getByRole('combobox', { name }).click();
    await page.locator('.ant-select-item-option', { hasText: option }).click();
}

test('the start of the week stays, and moves “this week”', async ({ page, own }) => {
    await own.start();
    await page.goto(own.at('/settings'));
    await settled(page);
    for (const day of ['Wednesday', 'Sunday']) {
        await pick(page, 'Week starts on', day);
        await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
        await page.reload();
        await expect(page.locator('.ant-select').filter({ has: page.getByRole('combobox', { name: 'Week starts on' }) })).toHaveText(day);
    }
    const { week_start: start } = await own.running.json('/api/v1/settings');
    expect(start).toBe(0);
    const asked = page.waitForRequest(/\/api\/v1\/usage\/series/);
    await page.goto(own.at('/explore?range=this_week'));
    const from = new URL((await asked).url()).searchParams.get('from');
    const day = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'Asia/Shanghai' }).format(new Date(from));
    expect(day).toBe('Sunday');
});

test('the time zone decides what today is', async ({ page, own }) => {
    own.write({ tokens: MILLION, time: new Date(Date.now() - 26 * 3_600_000) });
    own.write({ tokens: MILLION });
    await own.start();
    await page.goto(own.at('/settings'));
    await page.getByRole('combobox', { name: 'Time zone' }).click();
    await page.getByRole('combobox', { name: 'Time zone' }).fill('Kiritimati');
    await page.locator('.ant-select-item-option', { hasText: 'Pacific/Kiritimati' }).click();
    await expect(page.getByText('Saved.')).toBeVisible();
    const asked = page.waitForRequest(/\/api\/v1\/overview/);
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    expect(new URL((await asked).url()).searchParams.get('tz')).toBe('Pacific/Kiritimati');
    await expect(figure(page, 'Cost today')).toHaveText('$18.00');
});

test('another currency is shown at the given rate', async ({ page, own }) => {
    own.write({ tokens: MILLION });
    await own.start();
    await page.goto(own.at('/settings'));
    await pick(page, 'Display currency', 'EUR');
    await page.getByRole('spinbutton', { name: 'EUR for 1 USD' }).fill('0.5');
    await expect(page.getByText(/\$48\.27 will be shown as €24\.1/)).toBeVisible();
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('In force: 1 USD = 0.5 EUR')).toBeVisible();
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await expect(figure(page, 'Cost today')).toHaveText('€9.00');
});

test('an own price changes the cost, says what changed, and is undone', async ({ page, own }) => {
    own.write({ tokens: MILLION });
    own.write({ tokens: MILLION, model: 'claude-haiku-4-5-20251001' });
    await own.start();
    await page.goto(own.at('/settings?tab=prices'));
    await settled(page);
    await page.getByRole('button', { name: 'Change Sonnet 4.5' }).click();
    const dialog = page.getByRole('dialog', { name: /Price of/ });
    await dialog.getByRole('spinbutton', { name: /^Input/ }).fill('5');
    await dialog.getByRole('button', { name: 'Save and reprice' }).click();
    await expect(page.getByRole('heading', { name: '1 request was priced anew' })).toBeVisible();
    const facts = page.locator('.facts');
    await expect(facts).toContainText('Total cost$24.00 → $26.00');
    await expect(facts).toContainText('Sonnet 4.5$18.00 → $20.00');
    await expect(page.getByRole('table', { name: 'Price book' }).locator('tr', { hasText: 'Sonnet 4.5' })).toContainText('Yours');

    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await expect(figure(page, 'Cost today')).toHaveText('$26.00');
    await page.goBack();
    await page.getByRole('button', { name: 'Change Sonnet 4.5' }).click();
    await dialog.getByRole('button', { name: 'Back to list price' }).click();
    await expect(facts).toContainText('Total cost$26.00 → $24.00');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(facts).toContainText('Total cost$24.00 → $26.00');
});

test('a model without a price is marked everywhere, until it is given one', async ({ page, own }) => {
    const session = own.write({ tokens: MILLION, model: 'claude-mystery-9' });
    own.write({ tokens: MILLION, session });
    await own.start();
    await page.goto(own.at('/'));
    const cost = figure(page, 'Cost today');
    await expect(cost).toHaveText('$18.00');
    await expect(cost).toHaveClass(/hint-mark/);
    await cost.hover();
    await expect(page.getByRole('tooltip')).toContainText('At least: 1 request has no known price.');
    await page.mouse.move(0, 0);
    const notice = page.getByRole('link', { name: /has no price/ });
    await expect(notice).toContainText('2 M tokens are missing in the cost');

    await page.getByRole('link', { name: 'Sessions', exact: true }).click();
    await expect(page.getByRole('table', { name: 'Sessions' }).locator('.hint-mark')).toHaveText('$18.00');
    await page.goto(own.at('/explore?group=model'));
    await expect(page.locator('.explore-total .hint-mark')).toHaveText('$18.00');
    await expect(page.getByRole('table', { name: 'Figures by Model' }).locator('tr', { hasText: 'Mystery' }).locator('.hint-mark')).toBeVisible();
    await page.goto(own.at(`/sessions/${session}`));
    await expect(page.locator('.stat').first().locator('.hint-mark')).toHaveText('$18.00');

    await page.goto(own.at('/'));
    await notice.click();
    await page.getByRole('button', { name: 'Set price of claude-mystery-9' }).click();
    const dialog = page.getByRole('dialog', { name: /claude-mystery-9/ });
    await dialog.getByText('Like another model').click();
    await dialog.getByRole('combobox', { name: 'Model whose prices count' }).click();
    await page.keyboard.type('Sonnet 4.5');
    await page.locator('.ant-select-item-option', { hasText: 'Sonnet 4.5' }).click();
    await dialog.getByRole('button', { name: 'Save and reprice' }).click();
    await expect(page.locator('.facts')).toContainText('Total cost$18.00 → $36.00');
    await expect(page.getByText('Models without a price')).toHaveCount(0);
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await expect(cost).toHaveText('$36.00');
    await expect(cost).not.toHaveClass(/hint-mark/);
    await expect(notice).toHaveCount(0);
});

test('a wrong price is refused with its reason', async ({ page, own, complaints }) => {
    complaints.expected = /400|422/;
    await own.start();
    await page.route('**/api/v1/prices/overrides', (route) =>
        route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify({ title: 'No', status: 422, code: 'invalid', errors: [{ path: 'overrides/0/input', message: 'is too large' }] }) }),
    );
    await page.goto(own.at('/settings?tab=prices'));
    await page.getByRole('button', { name: 'Change Sonnet 4.5' }).click();
    const dialog = page.getByRole('dialog', { name: /Price of/ });
    await dialog.getByRole('spinbutton', { name: /^Input/ }).fill('5');
    await dialog.getByRole('button', { name: 'Save and reprice' }).click();
    await expect(dialog.getByRole('alert')).toHaveText('is too large');
});

test('the sources page counts files, repeats and bad lines', async ({ page, own }) => {
    const session = own.write({ tokens: MILLION });
    own.tear(session);
    await own.start();
    await page.goto(own.at('/settings?tab=sources'));
    await settled(page);
    await expect(figure(page, 'Files')).toHaveText('1');
    await expect(figure(page, 'Requests')).toHaveText('1');
    await expect(figure(page, 'Bad lines')).toHaveText('1');
    await expect(page.getByRole('table', { name: 'Problems' }).locator('tbody tr')).toContainText(`${session}.jsonl:`);
});
