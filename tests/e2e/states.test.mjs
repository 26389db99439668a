// Empty and failed: what would fill the page, what went wrong, and the way out.
import { expect, figure, settled, test } from './fixtures.mjs';

test('without transcripts every page says what would fill it', async ({ page, own }) => {
    await own.start();
    await page.goto(own.at('/'));
    await expect(page.getByText('No usage yet')).toBeVisible();
    await expect(page.locator('main code')).toHaveText('claude');
    await page.getByRole('link', { name: 'Where Tidemark looks' }).click();
    await expect(page.getByRole('heading', { name: 'Folders' })).toBeVisible();
    await expect(page.getByText('Every line could be read.')).toBeVisible();
    await page.goto(own.at('/explore'));
    await settled(page);
    await expect(page.getByText('No usage in this range').first()).toBeVisible();
    await page.getByRole('button', { name: 'Show this year' }).click();
    await expect(page).toHaveURL(/range=this_year/);
    await page.goto(own.at('/sessions'));
    await expect(page.getByText('No sessions in this range')).toBeVisible();
});

const FAILING = {
    overview: ['/', '**/api/v1/overview**', (page) => figure(page, 'Cost today')],
    explore: ['/explore', '**/api/v1/usage/series**', (page) => page.getByRole('img', { name: /^Cost by Project/ })],
    sessions: ['/sessions', '**/api/v1/sessions?**', (page) => page.getByRole('table', { name: 'Sessions' })],
    prices: ['/settings?tab=prices', '**/api/v1/prices', (page) => page.getByRole('table', { name: 'Price book' })],
};
for (const [name, [path, question, shown]] of Object.entries(FAILING)) {
    test(`${name}: an error is told, and Retry helps`, async ({ page, own, complaints }) => {
        complaints.expected = /status of 500/;
        own.write({ tokens: [0, 100_000, 0, 0] });
        await own.start();
        let broken = true;
        await page.route(question, (route) =>
            broken
                ? route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{"title":"Internal","status":500,"code":"internal","detail":"secret detail","request_id":"r-77"}' })
                : route.continue(),
        );
        await page.goto(own.at(path));
        const alert = page.getByRole('alert').first();
        await expect(alert).toContainText('The server could not answer');
        await expect(alert).toContainText('Request r-77');
        await expect(alert).not.toContainText('secret');
        broken = false;
        await alert.getByRole('button', { name: 'Retry' }).click();
        await expect(shown(page)).toBeVisible();
        // Each panel asks for itself.
        const others = page.getByRole('button', { name: 'Retry' });
        while (await others.count()) await others.first().click();
        await expect(page.getByRole('alert')).toHaveCount(0);
    });
}

test('a server that does not answer is told apart from one that fails', async ({ page, own, complaints }) => {
    complaints.expected = /ERR_FAILED/;
    await own.start();
    await page.route('**/api/v1/sessions?**', (route) => route.abort());
    await page.goto(own.at('/sessions'));
    await expect(page.getByRole('alert')).toContainText('The server does not answer');
});

test('a link with values that make no sense falls back to a view that does', async ({ page }) => {
    await page.goto('/explore?metric=nonsense&group=nothing&range=never&bucket=7x&view=pie&from=soon');
    await settled(page);
    await expect(page.getByRole('img', { name: /^Cost by Project/ })).toBeVisible();
    await expect(page.getByRole('button', { name: /^Time range/ })).toHaveText('Last 30 days');
});
