import type { Digits } from '@/shared/lib/decimal';
import { decimal } from '@/shared/lib/decimal';

/** Money: the API counts in USD; people may look at it in another currency at a dated rate. */
export interface MoneyView {
    /** ISO 4217 */
    currency: string;
    /** Units of `currency` for one USD; null = no rate known, so figures stay in USD. */
    rate: number | null;
    language: string;
}

const signs = new Map<string, string>();

/** What stands before the amount: `$`, or `CHF` and a no-break space. Both languages put it there. */
function signOf(currency: string, language: string): string {
    // Known without `Intl`: see decimal.ts.
    if (currency === 'USD') return '$';
    const id = `${language}|${currency}`;
    let sign = signs.get(id);
    if (sign === undefined) {
        const parts = new Intl.NumberFormat(language, {
            style: 'currency',
            currency,
            currencyDisplay: 'narrowSymbol',
        }).formatToParts(1);
        const amount = parts.findIndex(({ type }) => type === 'integer');
        sign = parts
            .slice(0, amount)
            .map(({ value }) => value)
            .join('');
        signs.set(id, sign);
    }
    return sign;
}

function text(value: number, view: MoneyView, digits: Digits): string {
    const amount = decimal(value, digits);
    const sign = signOf(shownCurrency(view), view.language);
    return amount.startsWith('-') ? `-${sign}${amount.slice(1)}` : sign + amount;
}

export function shownCurrency(view: MoneyView): string {
    return view.rate === null ? 'USD' : view.currency;
}

function converted(usd: number, view: MoneyView): number {
    return view.rate === null ? usd : usd * view.rate;
}

const whole = { most: 0 };
const cents = { least: 2, most: 2 };
const small = { least: 3, most: 3 };
const tiny = { mostSignificant: 2 };

/** For cards: about three significant digits ($48.27, $1,284, $0.082). */
export function moneyShort(usd: number, view: MoneyView): string {
    const value = converted(usd, view);
    const size = Math.abs(value);
    if (size >= 1000) return text(value, view, whole);
    if (size >= 0.1 || size === 0) return text(value, view, cents);
    return text(value, view, tiny);
}

/** For tables: cents, or tenths of a cent below one. */
export function moneyTable(usd: number, view: MoneyView): string {
    const value = converted(usd, view);
    const size = Math.abs(value);
    if (size >= 1 || size === 0) return text(value, view, cents);
    if (size >= 0.0005) return text(value, view, small);
    return text(value, view, tiny);
}

/** Everything that is known, for tooltips and exports. */
export function moneyFull(usd: number, view: MoneyView): string {
    return text(converted(usd, view), view, { least: 2, most: 6 });
}

/** For axes: no decimals that say nothing, but never one alone ($0, $0.50, $1). */
export function moneyAxis(usd: number, view: MoneyView): string {
    const value = converted(usd, view);
    if (Number.isInteger(value) || Math.abs(value) >= 100) {
        return text(value, view, whole);
    }
    if (Number.isInteger(Math.round(value * 1e6) / 1e4)) {
        return text(value, view, cents);
    }
    return text(value, view, { mostSignificant: 3 });
}
