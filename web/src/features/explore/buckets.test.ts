import { expect, it } from 'vitest';
import { askedBucket, offeredBuckets } from './buckets';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

it('offers from two buckets up to what a chart can show', () => {
    expect(offeredBuckets(HOUR, false)).toEqual(['auto', '5m', '15m']);
    expect(offeredBuckets(DAY, false)).toEqual(['auto', '5m', '15m', '1h']);
    expect(offeredBuckets(7 * DAY, false)).toEqual(['auto', '15m', '1h', '1d']);
    expect(offeredBuckets(30 * DAY, false)).toEqual(['auto', '1h', '1d', '1w']);
    expect(offeredBuckets(365 * DAY, false)).toEqual(['auto', '1d', '1w', '1mo']);
    expect(offeredBuckets(3 * 365 * DAY, false)).toEqual(['auto', '1w', '1mo', '1y']);
});

it('falls back to auto when the range no longer suits', () => {
    expect(askedBucket('15m', 7 * DAY, false)).toBe('15m');
    expect(askedBucket('15m', 90 * DAY, false)).toBe('auto');
});

it('never asks for tool figures by five minutes', () => {
    expect(offeredBuckets(HOUR, true)).not.toContain('5m');
    expect(askedBucket('auto', 2 * HOUR, true)).toBe('15m');
    expect(askedBucket('auto', 5 * HOUR, true)).toBe('auto');
});
