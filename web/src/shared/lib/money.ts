/** Money: the API counts in USD; people may look at it in another currency at a dated rate. */
export interface MoneyView {
    /** ISO 4217 */
    currency: string;
    /** Units of `currency` for one USD; null = no rate known, so figures stay in USD. */
    rate: number | null;
    language: string;
}

const formats = new Map<string, Intl.NumberFormat>();

function format(view: MoneyView, key: string, options: Intl.NumberFormatOptions) {
    const currency = shownCurrency(view);
    const id = `${view.language}|${currency}|${key}`;
    let found = formats.get(id);
    if (!found) {
        found = new Intl.NumberFormat(view.language, {
            style: 'currency',
            currency,
            currencyDisplay: 'narrowSymbol',
            ...options,
        });
        formats.set(id, found);
    }
    return found;
}

export function shownCurrency(view: MoneyView): string {
    return view.rate === null ? 'USD' : view.currency;
}

function converted(usd: number, view: MoneyView): number {
    return view.rate === null ? usd : usd * view.rate;
}

const whole = { minimumFractionDigits: 0, maximumFractionDigits: 0 };
const cents = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
const small = { minimumFractionDigits: 3, maximumFractionDigits: 3 };
const tiny = { minimumSignificantDigits: 1, maximumSignificantDigits: 2 };

/** For cards: about three significant digits ($48.27, $1,284, $0.082). */
export function moneyShort(usd: number, view: MoneyView): string {
    const value = converted(usd, view);
    const size = Math.abs(value);
    if (size >= 1000) return format(view, 'whole', whole).format(value);
    if (size >= 0.1 || size === 0) return format(view, 'cents', cents).format(value);
    return format(view, 'tiny', tiny).format(value);
}

/** For tables: cents, or tenths of a cent below one. */
export function moneyTable(usd: number, view: MoneyView): string {
    const value = converted(usd, view);
    const size = Math.abs(value);
    if (size >= 1 || size === 0) return format(view, 'cents', cents).format(value);
    if (size >= 0.0005) return format(view, 'small', small).format(value);
    return format(view, 'tiny', tiny).format(value);
}

/** Everything that is known, for tooltips and exports. */
export function moneyFull(usd: number, view: MoneyView): string {
    return format(view, 'full', { minimumFractionDigits: 2, maximumFractionDigits: 6 }).format(
        converted(usd, view),
    );
}

/** For axes: no decimals that say nothing, but never one alone ($0, $0.50, $1). */
export function moneyAxis(usd: number, view: MoneyView): string {
    const value = converted(usd, view);
    if (Number.isInteger(value) || Math.abs(value) >= 100) {
        return format(view, 'whole', whole).format(value);
    }
    if (Number.isInteger(Math.round(value * 1e6) / 1e4)) {
        return format(view, 'cents', cents).format(value);
    }
    return format(view, 'axis', { maximumSignificantDigits: 3 }).format(value);
}
