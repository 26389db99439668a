/** Which widths of a bucket make sense for a range. Pure. */
import type { BucketChoice } from '@/shared/api/generated';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const WIDTHS: readonly [Exclude<BucketChoice, 'auto'>, number][] = [
    ['5m', 5 * MINUTE],
    ['15m', 15 * MINUTE],
    ['1h', HOUR],
    ['1d', DAY],
    ['1w', 7 * DAY],
    ['1mo', 30.4 * DAY],
    ['1y', 365 * DAY],
];

export const BUCKETS: readonly BucketChoice[] = ['auto', ...WIDTHS.map(([name]) => name)];

/** More columns than this are thinner than a pixel or two. */
const MOST = 760;

/** From two buckets up to what the width of a chart can show. `span` in ms. */
export function offeredBuckets(span: number, tools: boolean): readonly BucketChoice[] {
    const fitting = WIDTHS.filter(
        ([name, width]) => span >= 1.5 * width && span <= MOST * width && !(tools && name === '5m'),
    );
    return ['auto', ...fitting.map(([name]) => name)];
}

/** What to ask for: the wish where it makes sense. Left to itself the server takes 5 minutes below three hours. */
export function askedBucket(wish: BucketChoice, span: number, tools: boolean): BucketChoice {
    const bucket = offeredBuckets(span, tools).includes(wish) ? wish : 'auto';
    return bucket === 'auto' && tools && span <= 3 * HOUR + MINUTE ? '15m' : bucket;
}
