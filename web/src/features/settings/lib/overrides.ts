/** A price override as it is edited: texts, until it is known to make sense. Pure. */
import type { PriceBook, PriceOverride } from '@/shared/api/model';

export const PRICE_FIELDS = [
    'input',
    'output',
    'cache_write_5m',
    'cache_write_1h',
    'cache_read',
] as const;
export type PriceField = (typeof PRICE_FIELDS)[number];

export interface Draft {
    model: string;
    /** Own prices, or those of another model. */
    way: 'own' | 'like';
    prices: Record<PriceField, number | null>;
    like: string | null;
    multiplier: number | null;
    /** YYYY-MM-DD, or '' for all of the past too. */
    from: string;
}

const NO_PRICES: Draft['prices'] = {
    input: null,
    output: null,
    cache_write_5m: null,
    cache_write_1h: null,
    cache_read: null,
};

type Row = PriceBook['models'][number]['rows'][number];

/** The row of the price book in force now: the last that has begun. */
export function currentRow(rows: readonly Row[], now: number): Row | null {
    const begun = rows.filter((row) => Date.parse(row.from) <= now);
    const open = begun.filter((row) => row.until === null || Date.parse(row.until) > now);
    return open[open.length - 1] ?? begun[begun.length - 1] ?? rows[0] ?? null;
}

/** Starts from the override there is, else from the book's prices, else from nothing. */
export function draftFor(model: string, book: PriceBook, now: number): Draft {
    const known = book.overrides.find((one) => one.model === model);
    if (known) {
        return {
            model,
            way: known.like ? 'like' : 'own',
            prices: Object.fromEntries(
                PRICE_FIELDS.map((field) => [field, known[field] ?? null]),
            ) as Draft['prices'],
            like: known.like ?? null,
            multiplier: known.multiplier ?? null,
            from: known.from?.slice(0, 10) ?? '',
        };
    }
    const row = currentRow(book.models.find((one) => one.id === model)?.rows ?? [], now);
    return {
        model,
        way: row ? 'own' : 'like',
        prices: row
            ? (Object.fromEntries(
                  PRICE_FIELDS.map((field) => [field, row[field]]),
              ) as Draft['prices'])
            : NO_PRICES,
        like: null,
        multiplier: null,
        from: '',
    };
}

/** null when something is missing or makes no sense. */
export function overrideFrom(draft: Draft): PriceOverride | null {
    const from = draft.from ? { from: `${draft.from}T00:00:00Z` } : {};
    const multiplier = draft.multiplier === null ? {} : { multiplier: draft.multiplier };
    if (draft.model === '') return null;
    if (draft.multiplier !== null && draft.multiplier < 0) return null;
    if (draft.way === 'like') {
        if (!draft.like || draft.like === draft.model) return null;
        return { model: draft.model, like: draft.like, ...multiplier, ...from };
    }
    const prices: Partial<Record<PriceField, number>> = {};
    for (const field of PRICE_FIELDS) {
        const price = draft.prices[field];
        if (price === null || !Number.isFinite(price) || price < 0) return null;
        prices[field] = price;
    }
    return { model: draft.model, ...prices, ...multiplier, ...from };
}

/** The whole list with this one added or put in place of the model's old one. */
export function withOverride(
    list: readonly PriceOverride[],
    override: PriceOverride,
): PriceOverride[] {
    return [...list.filter((one) => one.model !== override.model), override];
}

export function withoutOverride(list: readonly PriceOverride[], model: string): PriceOverride[] {
    return list.filter((one) => one.model !== model);
}
