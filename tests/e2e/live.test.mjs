// The page follows what is written, loses the server and finds it again, all without a reload.
import { expect, figure, mark, settled, stayed, test } from './fixtures.mjs';

/** Sonnet 4.5: $15 a million output tokens. */
const DOLLAR_FIFTY = [0, 100_000, 0, 0];

test('a request that is written shows on every open page', async ({ page, own }) => {
    const session = own.write({ tokens: DOLLAR_FIFTY });
    await own.start();
    const open = async (path) => {
        const one = path === '/' ? page : await page.context().newPage();
        await one.goto(own.at(path));
        await settled(one);
        await mark(one);
        return one;
    };
    const overview = await open('/');
    const explore = await open('/explore?range=today&metric=output_tokens');
    const list = await open('/sessions');
    const detail = await open(`/sessions/${session}`);
    await expect(figure(overview, 'Cost today')).toHaveText('$1.50');
    await expect(overview.locator('.live-text').first()).toHaveText(/^Live/);

    own.write({ session, tokens: DOLLAR_FIFTY });
    await expect(figure(overview, 'Cost today')).toHaveText('$3.00');
    await expect(overview.getByRole('table', { name: 'Sessions in progress' }).locator('tbody tr')).toContainText('$3.00');
    await expect(overview.getByRole('img', { name: /^Usage over time.*Sonnet 4\.5 \$3\.00/ })).toBeVisible();
    await expect(explore.locator('.explore-total .hint')).toHaveText('200 k');
    await expect(list.getByRole('table', { name: 'Sessions' }).locator('tbody tr')).toContainText('$3.00');
    await expect(detail.locator('.stat').first()).toContainText('$3.00');
    await expect(detail.getByRole('table', { name: 'Requests' }).locator('tbody tr.row-link')).toHaveCount(2);

    // A session that is new, in a project that is new.
    own.write({ tokens: DOLLAR_FIFTY, project: '/home/dev/garden', branch: 'feat/rain' });
    await expect(figure(overview, 'Cost today')).toHaveText('$4.50');
    await expect(figure(overview, 'Active sessions')).toHaveText('2');
    await expect(overview.getByRole('link', { name: /garden/ }).first()).toBeVisible();
    await expect(list.getByRole('table', { name: 'Sessions' }).locator('tbody tr.row-link')).toHaveCount(2);
    for (const one of [overview, explore, list, detail]) await stayed(one);
});

test('the first request ends the empty state', async ({ page, own }) => {
    await own.start();
    await page.goto(own.at('/'));
    await expect(page.getByText('No usage yet')).toBeVisible();
    await mark(page);
    own.write({ tokens: DOLLAR_FIFTY });
    // A folder that was not there at the start is looked for every ten seconds.
    await expect(figure(page, 'Cost today')).toHaveText('$1.50', { timeout: 30_000 });
    await stayed(page);
});

test('a lost connection is shown, and caught up with', async ({ page, own, complaints }) => {
    complaints.expected = /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING/;
    own.write({ tokens: DOLLAR_FIFTY });
    await own.start();
    await page.goto(own.at('/'));
    await settled(page);
    await expect(figure(page, 'Cost today')).toHaveText('$1.50');
    await mark(page);
    const live = page.locator('.live').first();
    const dot = () => live.locator('.live-dot').evaluate((one) => getComputedStyle(one).backgroundColor);
    await expect(live).not.toHaveClass(/live-lost/);
    const green = await dot();

    await own.stop('SIGKILL');
    await expect(live).toHaveClass(/live-lost/);
    await expect(page.getByRole('status').filter({ hasText: 'Disconnected since' })).toBeVisible();
    expect(await dot()).not.toBe(green);
    await expect(figure(page, 'Cost today')).toHaveText('$1.50');

    own.write({ tokens: DOLLAR_FIFTY });
    await own.start();
    await expect(live).not.toHaveClass(/live-lost/, { timeout: 30_000 });
    await expect(figure(page, 'Cost today')).toHaveText('$3.00');
    own.write({ tokens: DOLLAR_FIFTY });
    await expect(figure(page, 'Cost today')).toHaveText('$4.50');
    await stayed(page);
});
